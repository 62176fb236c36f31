//! The region is lost: what lies in the other one is told, restored there, proven and ended.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use serde_json::Value;
use testkit_aws::{Aws, Fault, Rule, Times};

use crate::runner::{Ended, Runner};
use crate::stage::{ABROAD, PASSWORD, REGION, Stage};

/// What a database is given in the backup region.
const GIVEN: &str = "      restore_abroad: { subnet_group: private-abroad, parameter_group: ours-abroad, security_group_ids: [sg-database-abroad], drill_group_ids: [sg-drill-abroad] }\n    aws:\n";

/// Lets a machine restore abroad.
pub fn restores_abroad(runner: &Runner) {
    runner.configure(|text| text.replace("    aws:\n", GIVEN));
}

/// An account with everything in its backup region, and a backup that was copied there.
pub fn prepared() -> (Stage, Runner, String) {
    let (stage, runner) = Stage::new();
    restores_abroad(&runner);
    furnish(&stage);
    runner.run(&["evidence", "key"]).expect(0);
    replicate(&stage, &["database-master", "signing"]);
    let id = runner.back_up();
    runner.run(&["backup", "copy"]).expect(0);
    (stage, runner, id)
}

fn furnish(stage: &Stage) {
    let rds = stage.aws.rds();
    rds.add_subnet_group(Aws::ACCOUNT, ABROAD, "private-abroad");
    let rds = aws_sdk_rds::Client::new(&stage.config(ABROAD, &stage.aws.url()));
    let group = rds
        .create_db_parameter_group()
        .db_parameter_group_name("ours-abroad")
        .db_parameter_group_family("postgres15")
        .description("ours");
    stage.wait(group.send()).unwrap();
}

/// What Terraform asks for of each secret.
fn replicate(stage: &Stage, names: &[&str]) {
    let config = stage.config(REGION, &stage.aws.url());
    let secrets = aws_sdk_secretsmanager::Client::new(&config);
    for name in names {
        let there = aws_sdk_secretsmanager::types::ReplicaRegionType::builder();
        let asked = secrets
            .replicate_secret_to_regions()
            .secret_id(format!("platform-staging/{name}"))
            .add_replica_regions(there.region(ABROAD).build());
        stage.wait(asked.send()).unwrap();
    }
}

/// Nothing of the first region answers, its databases neither.
pub fn lose_the_region(stage: &Stage) {
    let lost = Rule::new(Fault::BlackHole, Times::Always).region(REGION);
    stage.aws.faults().add(lost);
}

/// A statement in the copy in the backup region.
fn asked_abroad(stage: &Stage, statement: &str) -> String {
    let copies = stage.instances_in(ABROAD);
    let endpoint = copies[0].endpoint().unwrap();
    stage.sql_at(
        PASSWORD,
        (endpoint.address().unwrap(), endpoint.port().unwrap()),
        statement,
    )
}

#[test]
fn when_the_region_is_lost_the_list_says_what_it_waits_for_and_what_lies_abroad() {
    let (stage, runner, id) = prepared();
    lose_the_region(&stage);
    let began = Instant::now();
    let listed = runner.run(&["backup", "list"]).expect(0);
    let took = began.elapsed();
    let document = listed.document();
    let lost = document["lost"].as_str().unwrap();
    assert!(lost.starts_with("eu-central-1 does not answer"), "{lost}");
    assert_eq!(document["copies"][0]["id"], id.as_str(), "{document}");
    assert_eq!(document["away"], ABROAD);
    assert_eq!(document["backups"].as_array().unwrap().len(), 0);
    assert!(took < Duration::from_secs(60), "{took:?}");
    let plainly = runner.run_plainly(&["backup", "list"]).expect(0);
    for words in [
        "waiting for eu-central-1",
        "the backups at home can't be listed: eu-central-1 does not answer",
        "opsctl restore --abroad",
        "copies in eu-west-1",
    ] {
        assert!(plainly.said().contains(words), "{}", plainly.said());
    }
}

#[test]
fn a_copy_abroad_is_restored_there_while_the_first_region_says_nothing() {
    let (stage, runner, id) = prepared();
    lose_the_region(&stage);
    let result = runner.run(&["restore", "--abroad"]).expect(0).result();
    assert_eq!(result["backup"], id.as_str());
    let copies = stage.instances_in(ABROAD);
    assert_eq!(copies.len(), 1);
    let copy = &copies[0];
    assert_eq!(copy.db_instance_identifier(), result["copy"].as_str());
    let subnets = copy.db_subnet_group().unwrap();
    assert_eq!(subnets.db_subnet_group_name(), Some("private-abroad"));
    let parameters = copy.db_parameter_groups()[0].db_parameter_group_name();
    assert_eq!(parameters, Some("ours-abroad"));
    let groups = copy.vpc_security_groups();
    assert_eq!(groups[0].vpc_security_group_id(), Some("sg-drill-abroad"));
    assert_eq!(copy.backup_retention_period(), Some(0));
    assert_eq!(asked_abroad(&stage, "SELECT count(*) FROM users"), "20");
    let role = "SELECT role FROM database_identity";
    assert_eq!(asked_abroad(&stage, role), "scratch");

    // Another machine finds it and ends it.
    let other = Runner::of(&stage);
    restores_abroad(&other);
    let listed = other.run(&["restore", "list"]).expect(0).document();
    assert_eq!(listed["copies"].as_array().unwrap().len(), 1, "{listed}");
    let name = result["copy"].as_str().unwrap();
    other.run(&["restore", "discard", name]).expect(0);
    assert!(stage.instances_in(ABROAD).is_empty());
}

#[test]
fn without_a_place_abroad_or_a_copy_there_nothing_is_restored_and_it_is_said_why() {
    let (stage, runner) = Stage::new();
    let refused = runner.run(&["restore", "--abroad"]).expect(2);
    assert!(
        refused.said().contains("restore_abroad"),
        "{}",
        refused.said()
    );
    restores_abroad(&runner);
    let refused = runner.run(&["restore", "--abroad"]).expect(4);
    assert!(refused.said().contains("no backup"), "{}", refused.said());
    assert!(stage.instances_in(ABROAD).is_empty());
}

const DRILL: [&str; 4] = ["drill", "failover", "--kind", "region"];

/// The states of what a failover needs, by name.
fn parts(document: &Value) -> BTreeMap<String, String> {
    let parts = document["region"]["parts"].as_array().unwrap();
    let word = |part: &Value, field: &str| part[field].as_str().unwrap().to_owned();
    parts
        .iter()
        .map(|part| (word(part, "name"), word(part, "state")))
        .collect()
}

/// It was restored whole, the evidence holds, and nothing is left that is billed.
fn drilled(stage: &Stage, runner: &Runner, ended: &Ended) -> Value {
    let result = ended.result();
    let document = result["document"].clone();
    assert_eq!(document["drill"], "failover", "{document}");
    assert_eq!(document["region"]["from"], REGION);
    assert_eq!(document["region"]["to"], ABROAD);
    let levels = document["integrity"]["levels"].as_array().unwrap();
    let failed = levels.iter().filter(|level| level["outcome"] == "failed");
    assert_eq!(failed.count(), 0, "{levels:?}");
    let took = document["rto"]["measured_seconds"].as_f64().unwrap();
    assert!(took > 0.0 && took < 3600.0, "{document}");
    assert!(stage.instances_in(ABROAD).is_empty(), "it is still billed");
    assert_eq!(runner.open_operation(), None);
    let way_back = result["fail_back"]["steps"].as_array().unwrap();
    assert!(way_back.len() > 5, "{result}");
    document
}

#[test]
fn a_lost_region_is_drilled_from_what_lies_abroad_and_the_first_is_left_alone() {
    let (stage, runner, id) = prepared();
    let key = runner.run(&["evidence", "key"]).expect(0).document();
    runner.configure(|text| {
        let given = text.replace("    aws:\n", GIVEN);
        format!("{given}trusted_keys: [{key}]\n")
    });
    let planned = runner
        .run_plainly(&[&DRILL[..], &["--dry-run"]].concat())
        .expect(0);
    for words in [
        "journal and locks",
        "ok: bucket evidence in eu-west-1",
        "by hand: opsctl is told of no cluster",
        "cost: unknown: db.t4g.micro, 20 GiB gp2, eu-west-1",
    ] {
        assert!(planned.said().contains(words), "{}", planned.said());
    }
    assert_eq!(stage.calls("RestoreDBInstanceFromDBSnapshot"), 0);

    let before = stage.instances().len();
    let ended = runner.run(&DRILL).expect(0);
    let document = drilled(&stage, &runner, &ended);
    assert_eq!(document["verdict"], "passed", "{document}");
    assert_eq!(document["recovery_point"]["backup_id"], id.as_str());
    assert_eq!(document["region"]["source_answered"], true);
    assert!(document["cost"]["usd"].is_null(), "{document}");
    let states = parts(&document);
    let by_hand = ["images", "workloads"];
    for (name, state) in &states {
        let expected = match by_hand.contains(&name.as_str()) {
            true => "by_hand",
            false => "ready",
        };
        assert_eq!(state, expected, "{name}: {document}");
    }
    assert_eq!(stage.instances().len(), before);
    runner.run(&["evidence", "verify"]).expect(0);
}

#[test]
fn the_drill_needs_nothing_of_the_region_that_is_lost() {
    let (stage, runner, _) = prepared();
    lose_the_region(&stage);
    let ended = runner.run(&DRILL).expect(0);
    let document = drilled(&stage, &runner, &ended);
    assert_eq!(document["verdict"], "passed", "{document}");
    assert_eq!(document["region"]["source_answered"], false);
    let states = parts(&document);
    let lacking = states.values().filter(|state| *state == "lacking");
    assert_eq!(lacking.count(), 0, "{document}");
}

#[test]
fn what_is_not_there_before_the_day_is_a_finding_with_its_cure() {
    let (stage, runner, _) = prepared();
    stage.wait(stage.secret("jwt", "a-key-that-nobody-replicated"));
    let examined = runner.run_plainly(&["doctor"]);
    let words = "secrets: a failover to eu-west-1 would fail: jwt is not in eu-west-1";
    assert!(examined.said().contains(words), "{}", examined.said());
    let planned = runner
        .run_plainly(&[&DRILL[..], &["--dry-run"]].concat())
        .expect(0);
    let words = "finding: jwt is not in eu-west-1";
    assert!(planned.said().contains(words), "{}", planned.said());
    let ended = runner.run(&DRILL).expect(6);
    let document = drilled(&stage, &runner, &ended);
    assert_eq!(parts(&document)["secrets"], "lacking");
    let reasons = document["reasons"].to_string();
    assert!(reasons.contains("not ready: secrets"), "{reasons}");
    replicate(&stage, &["jwt"]);
    runner.run(&DRILL).expect(0);
}

#[test]
fn without_a_copy_abroad_there_is_nothing_to_drill() {
    let (stage, runner) = Stage::new();
    restores_abroad(&runner);
    furnish(&stage);
    let refused = runner.run(&DRILL).expect(4);
    let words = "was ever copied to eu-west-1";
    assert!(refused.said().contains(words), "{}", refused.said());
}

#[test]
fn a_drill_that_died_is_finished_by_another_machine_and_nothing_is_left_abroad() {
    let (stage, runner, _) = prepared();
    let boundaries = runner.boundaries(&DRILL);
    let mut documents = 1;
    for step in [
        "fetch:started",
        "fetch:applied",
        "restore:applied",
        "discard:started",
    ] {
        runner.killed_at(&DRILL, &boundaries, step);
        let other = Runner::of(&stage);
        restores_abroad(&other);
        let ended = other.resume().expect(0);
        drilled(&stage, &other, &ended);
        documents += 1;
        let listed = other.run(&["evidence", "list"]).expect(0).document();
        let evidence = listed["evidence"].as_array().unwrap();
        assert_eq!(evidence.len(), documents, "killed at {step}");
    }
}

#[test]
fn a_drill_that_nobody_goes_on_with_is_ended_abroad_by_whatever_runs_next_at_home() {
    let (stage, runner, _) = prepared();
    let at = runner.boundaries(&DRILL);
    let at = at
        .iter()
        .position(|known| known == "fetch:applied")
        .unwrap();
    let hasty = |text: &str| {
        let given = text.replace("    aws:\n", GIVEN);
        given.replace(
            "    lock:",
            "    drill:\n      scratch_expires_after: 1ms\n    lock:",
        )
    };
    runner.configure(hasty);
    let killed = runner.run_with(&DRILL, Some(&format!("kill-at:{at}")));
    assert_eq!(killed.code, None, "{}", killed.said());
    assert_eq!(stage.instances_in(ABROAD).len(), 1);
    let operation = runner.open_operation().unwrap();
    let words = ["operation", "abandon", &operation, "--reason", "a test"];
    runner.run(&words).expect(0);
    runner.back_up();
    assert!(stage.instances_in(ABROAD).is_empty(), "it is still billed");
}

#[test]
fn an_answer_abroad_that_is_lost_leaves_nothing_there() {
    let (stage, runner, _) = prepared();
    for action in [
        "RestoreDBInstanceFromDBSnapshot",
        "AddTagsToResource",
        "DeleteDBInstance",
    ] {
        stage.aws.faults().clear();
        let lost = Rule::new(Fault::LostAnswer, Times::Next(1)).action(action);
        stage.aws.faults().add(lost.region(ABROAD));
        let ended = runner.run(&DRILL).expect(0);
        drilled(&stage, &runner, &ended);
    }
}

/// Where it serves from when its region is given up: as runbooks/drill-failover.md has it written into opsctl.yaml.
fn serves_abroad(runner: &Runner) {
    runner.configure(|text| {
        text.replace("region: eu-central-1", "region: eu-west-1")
            .replace("subnet_group: private\n", "subnet_group: private-abroad\n        parameter_group: ours-abroad\n        security_group_ids: [sg-database-abroad]\n")
            .replace("[sg-drill]", "[sg-drill-abroad]")
    });
}

#[test]
fn when_the_region_is_given_up_the_copy_takes_over_abroad_protected_as_a_database_is() {
    let (stage, runner, id) = prepared();
    lose_the_region(&stage);
    serves_abroad(&runner);
    let refused = runner.run(&["restore", "--cut-over", "--confirm", "staging"]);
    let refused = refused.expect(4);
    let words = "does not answer, so it can't be fenced";
    assert!(refused.said().contains(words), "{}", refused.said());
    let words = [
        "restore",
        "--cut-over",
        "--source-unreachable",
        "--accept-data-loss",
        "staging",
        "--confirm",
        "staging",
    ];
    let result = runner.run(&words).expect(0).result();
    assert_eq!(result["backup"], id.as_str());
    let serving = &stage.instances_in(ABROAD)[0];
    let groups = serving.vpc_security_groups();
    assert_eq!(
        groups[0].vpc_security_group_id(),
        Some("sg-database-abroad")
    );
    assert_eq!(serving.deletion_protection(), Some(true));
    assert_eq!(serving.backup_retention_period(), Some(3));
    let role = "SELECT role FROM database_identity";
    assert_eq!(asked_abroad(&stage, role), "primary");
    assert_eq!(asked_abroad(&stage, "SELECT count(*) FROM users"), "20");

    // What serves is backed up there, by any machine; and nothing is left to drill.
    let other = Runner::of(&stage);
    serves_abroad(&other);
    other.run(&["backup", "create"]).expect(0);
    restores_abroad_too(&other);
    let refused = other.run(&DRILL).expect(4);
    assert!(refused.said().contains("already"), "{}", refused.said());
}

/// The same with a place to restore to, which is where it serves.
fn restores_abroad_too(runner: &Runner) {
    runner.configure(|text| {
        text.replace("region: eu-central-1", "region: eu-west-1")
            .replace("subnet_group: private\n", "subnet_group: private-abroad\n")
            .replace("    aws:\n", GIVEN)
    });
}
