//! The region is lost: what lies in the other one is told, restored there, proven and ended.

use std::time::{Duration, Instant};

use testkit_aws::{Aws, Fault, Rule, Times};

use crate::runner::Runner;
use crate::stage::{ABROAD, PASSWORD, REGION, Stage};

/// What a database is given in the backup region.
const GIVEN: &str = "      restore_abroad: { subnet_group: private-abroad, parameter_group: ours-abroad, drill_group_ids: [sg-drill-abroad] }\n    aws:\n";

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
