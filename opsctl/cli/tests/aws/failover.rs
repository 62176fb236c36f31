//! `opsctl drill failover --kind multi-az`: a real PostgreSQL behind RDS moves to its standby, once, while a prober writes.

use std::time::Duration;

use serde_json::Value;
use testkit_aws::rds::Delays;
use testkit_aws::{Fault, Rule, Times};

use crate::runner::{Ended, Runner};
use crate::stage::{INSTANCE, Stage};

const DRILL: [&str; 5] = ["drill", "failover", "--kind", "multi-az", "--yes"];

/// An instance in two zones, whose failovers last for two seconds.
fn in_two_zones() -> (Stage, Runner) {
    let (stage, runner) = Stage::new();
    stage.stands_in_two_zones();
    stage.aws.rds().set_delays(Delays {
        failing_over: Duration::from_secs(2),
        ..Delays::moments()
    });
    (stage, runner)
}

fn over(ended: &Ended) -> Value {
    ended.result()["document"]["failover"].clone()
}

/// It failed over so often, serves, and the prober left nothing.
fn moved(stage: &Stage, times: usize, what: &str) {
    assert_eq!(stage.calls("RebootDBInstance"), times, "{what}");
    let rows = "SELECT count(*) FROM pg_namespace WHERE nspname = 'opsctl_prober'";
    assert_eq!(stage.sql(INSTANCE, rows), "0", "{what}");
    assert_eq!(
        stage.sql(INSTANCE, "SELECT count(*) FROM users"),
        "20",
        "{what}"
    );
}

#[test]
fn the_standby_serves_no_write_is_lost_and_the_gap_is_as_long_as_the_outage() {
    let (stage, runner) = in_two_zones();
    let zone = stage
        .instance(INSTANCE)
        .availability_zone()
        .map(ToOwned::to_owned);
    let ended = runner.run(&DRILL).expect(0);
    let over = over(&ended);
    assert_eq!(over["kind"], "multi-az");
    assert_eq!(over["lost_writes"], 0, "{over}");
    for lane in ["writes", "reads"] {
        let gap = over[lane]["longest_gap_seconds"].as_f64().unwrap();
        assert!(gap >= 1.5, "{lane}: {over}");
        assert!(over[lane]["answered"].as_u64().unwrap() >= 10, "{over}");
        assert!(over[lane]["failed"].as_u64().unwrap() > 0, "{over}");
    }
    let now = stage
        .instance(INSTANCE)
        .availability_zone()
        .map(ToOwned::to_owned);
    assert_ne!(now, zone);
    moved(&stage, 1, "undisturbed");
    runner.trust_own_key();
    runner.run(&["evidence", "verify"]).expect(0);
}

#[test]
fn whoever_goes_on_after_a_death_or_a_lost_answer_does_not_fail_over_again() {
    let (stage, runner) = in_two_zones();
    let lost = Rule::new(Fault::LostAnswer, Times::Next(1)).action("RebootDBInstance");
    stage.aws.faults().add(lost);
    let ended = runner.run(&DRILL).expect(0);
    assert_eq!(over(&ended)["lost_writes"], 0);
    moved(&stage, 1, "a lost answer");
    let boundaries = runner.boundaries(&DRILL);
    let mut times = 2;
    for step in [
        "probe:applied",
        "fail-over:applied",
        "await-standby:applied",
    ] {
        runner.killed_at(&DRILL, &boundaries, step);
        times += 1;
        // What nobody measured has not passed.
        let code = if step == "probe:applied" { 0 } else { 6 };
        let resumed = Runner::of(&stage).resume().expect(code);
        assert_eq!(over(&resumed)["lost_writes"], 0, "{step}");
        moved(&stage, times, step);
    }
}

#[test]
fn an_instance_in_one_zone_is_never_rebooted() {
    let (stage, runner) = Stage::new();
    let refused = runner.run(&DRILL).expect(4);
    assert!(
        refused.said().contains("has no standby"),
        "{}",
        refused.said()
    );
    assert_eq!(stage.calls("RebootDBInstance"), 0);
}
