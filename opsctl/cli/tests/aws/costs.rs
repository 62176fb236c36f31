//! What instances cost: told before they are made, kept with what was seen, and unknown rather than nothing.

use crate::runner::Runner;
use crate::stage::{INSTANCE, Stage};

const PRICES: &str = "      name: platform-staging\n      prices:\n        eu-central-1:\n          as_of: 2026-11-28\n          \
     instance_hour: { db.t4g.micro: 0.05 }\n          storage_gb_month: { gp2: 0.073 }\n";

/// What its own `opsctl.yaml` says: 0.05 an hour, and 20 GB at 0.073 a month.
fn has_prices(runner: &Runner) {
    runner.configure(|text| text.replace("      name: platform-staging\n", PRICES));
}

fn dry(runner: &Runner, words: &[&str]) -> String {
    let ended = runner.run_plainly(&[words, &["--dry-run"]].concat());
    ended.expect(0).said()
}

#[test]
fn what_a_drill_costs_is_told_before_and_kept_in_its_evidence() {
    let (stage, runner) = Stage::new();
    runner.back_up();
    let told = dry(&runner, &["drill", "restore"]);
    let lacks =
        "cost: unknown: db.t4g.micro, 20 GiB gp2, eu-central-1; no list price of storage gp2";
    assert!(told.contains(lacks), "{told}");
    let document = &runner.run(&["drill", "restore"]).expect(0).result()["document"];
    assert!(document["cost"]["usd"].is_null(), "{document}");
    has_prices(&runner);
    let told = dry(&runner, &["drill", "restore"]);
    assert!(
        told.contains("cost: about 0.0520 USD an hour (db.t4g.micro"),
        "{told}"
    );
    assert!(told.contains("at most 1.25 USD until"), "{told}");
    let ended = runner.run_plainly(&["drill", "restore"]).expect(0);
    assert!(
        ended.stderr.contains("cost: about 0.0520 USD"),
        "{}",
        ended.stderr
    );
    let spent = &runner.run(&["drill", "restore"]).expect(0).result()["document"]["cost"];
    assert_eq!(spent["of"]["usd_per_hour"], 0.052, "{spent}");
    let (minutes, usd) = (
        spent["minutes"].as_f64().unwrap(),
        spent["usd"].as_f64().unwrap(),
    );
    assert!((usd - minutes / 60.0 * 0.052).abs() < 1e-5, "{spent}");
    let page = runner.run_plainly(&["evidence", "show"]).expect(0).stdout;
    assert!(page.contains("cost at most 0.0"), "{page}");
    assert_eq!(stage.instances().len(), 1);
}

#[test]
fn the_instance_that_is_set_aside_has_a_price_and_a_day_by_which_to_decide() {
    let (stage, runner) = Stage::new();
    runner.back_up();
    has_prices(&runner);
    for words in [
        &["restore", "--cut-over"][..],
        &["drill", "failover", "--kind", "replica"],
    ] {
        let told = dry(&runner, words);
        assert!(told.contains("cost: about 1.25 USD a day"), "{told}");
        assert!(
            told.contains("until `restore set-aside remove`: due 20"),
            "{told}"
        );
    }
    let words = ["restore", "--cut-over", "--confirm", "staging"];
    let result = runner.run(&words).expect(0).result();
    assert_eq!(result["cost"]["usd_per_day"], 1.248, "{result}");
    let listed = runner
        .run(&["restore", "set-aside", "list"])
        .expect(0)
        .document();
    let due = &listed["set_aside"][0]["keep_until"];
    assert_eq!(*due, result["set_aside"]["keep_until"]);
    assert!(due.is_string(), "{listed}");
    let lineage = stage.sql(INSTANCE, "SELECT lineage_id FROM database_identity");
    let words = ["drill", "failover", "--kind", "replica", "--yes"];
    let result = runner.run(&words).expect(0).result();
    assert_eq!(result["cost"]["usd_per_day"], 1.248, "{result}");
    let spent = &result["document"]["cost"]["of"];
    assert_eq!(spent["usd_per_hour"], 0.052, "{spent}");
    assert_eq!(listed["set_aside"][0]["lineage_id"], lineage);
}
