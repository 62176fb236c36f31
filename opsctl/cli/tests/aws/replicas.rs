//! `opsctl drill failover --kind replica` on RDS: an instance that follows by streaming is promoted and serves, while a prober writes.

use aws_sdk_rds::types::DbInstance;
use serde_json::Value;
use testkit_aws::{Fault, Rule, Times};

use crate::runner::{Ended, Runner};
use crate::stage::{INSTANCE, Stage};

const DRILL: [&str; 5] = ["drill", "failover", "--kind", "replica", "--yes"];
const ROLE: &str = "SELECT role FROM database_identity";

fn over(ended: &Ended) -> Value {
    ended.result()["document"]["failover"].clone()
}

fn names(stage: &Stage) -> Vec<String> {
    let all = stage.instances();
    let names = all.iter().filter_map(|it| it.db_instance_identifier());
    names.map(ToOwned::to_owned).collect()
}

/// The one instance whose database is primary.
fn serving(stage: &Stage, what: &str) -> String {
    let mut all = names(stage);
    all.retain(|name| stage.sql(name, ROLE) == "primary");
    assert_eq!(all.len(), 1, "{what}: {all:?}");
    all.remove(0)
}

/// It serves with everything that the one before had, has all the rows, and the prober left nothing anywhere.
fn moved(stage: &Stage, from: &str, what: &str) -> String {
    let now = serving(stage, what);
    assert_ne!(now, from, "{what}");
    assert_eq!(stage.sql(from, ROLE), "superseded", "{what}");
    let (old, new) = (stage.instance(from), stage.instance(&now));
    assert_eq!(new.read_replica_source_db_instance_identifier(), None);
    assert_eq!(new.deletion_protection(), Some(true), "{what}");
    assert_eq!(new.backup_retention_period(), old.backup_retention_period());
    assert_eq!(new.db_instance_class(), old.db_instance_class(), "{what}");
    assert_eq!(new.multi_az(), old.multi_az(), "{what}");
    let groups = new.vpc_security_groups();
    assert_eq!(groups[0].vpc_security_group_id(), Some("sg-database"));
    assert_eq!(stage.sql(&now, "SELECT count(*) FROM users"), "20");
    let rows = "SELECT count(*) FROM pg_namespace WHERE nspname = 'opsctl_prober'";
    for name in [from, &now] {
        assert_eq!(stage.sql(name, rows), "0", "{what}: {name}");
    }
    now
}

/// Nothing happened: the instance serves, takes writes, and is alone.
fn stayed(stage: &Stage, runner: &Runner, what: &str) {
    assert_eq!(names(stage), [INSTANCE], "{what}");
    assert_eq!(stage.sql(INSTANCE, ROLE), "primary", "{what}");
    stage.sql(INSTANCE, "UPDATE users SET last_name = last_name");
    assert_eq!(runner.open_operation(), None, "{what}");
}

#[test]
fn a_replica_that_rds_makes_takes_over_with_all_that_protects_a_database_and_no_write_is_lost() {
    let (stage, runner) = Stage::new();
    let ended = runner.run(&DRILL).expect(0);
    let over = over(&ended);
    assert_eq!(over["kind"], "replica", "{over}");
    assert_eq!(over["lost_writes"], 0, "{over}");
    assert_eq!(over["behind_bytes"], 0, "{over}");
    assert!(over["writes"]["answered"].as_u64().unwrap() >= 10, "{over}");
    assert!(over["writes"]["longest_gap_seconds"].as_f64().unwrap() > 0.0);
    assert!(over["writes"]["words"].to_string().contains("read_only"));
    assert_eq!(over["reads"]["failed"], 0, "reads go on: {over}");
    let now = moved(&stage, INSTANCE, "undisturbed");
    assert!(now.starts_with("drill-failover-"), "{now}");
    for action in ["CreateDBInstanceReadReplica", "PromoteReadReplica"] {
        assert_eq!(stage.calls(action), 1, "{action}");
    }
    runner.trust_own_key();
    runner.run(&["evidence", "verify"]).expect(0);
    // From any machine: it is the database now, and the way back is the same again.
    let other = Runner::of(&stage);
    let id = other.back_up();
    assert_eq!(stage.source_of(&id), now);
    runner.run(&["restore", "discard", &now]).expect(4);
    let aside = other.run(&["restore", "set-aside", "list"]).expect(0);
    let lineage = stage.sql(INSTANCE, "SELECT lineage_id FROM database_identity");
    assert!(aside.said().contains(&lineage), "{}", aside.said());
    let words = ["restore", "set-aside", "remove", &lineage, "--confirm"];
    runner.run(&[&words[..], &["staging"]].concat()).expect(0);
    assert_eq!(names(&stage), [now.as_str()]);
    other.run(&DRILL).expect(0);
    moved(&stage, &now, "a second time");
}

#[test]
fn a_replica_of_an_instance_in_two_zones_stands_in_two_itself() {
    let (stage, runner) = Stage::new();
    stage.stands_in_two_zones();
    assert_eq!(over(&runner.run(&DRILL).expect(0))["lost_writes"], 0);
    let now = moved(&stage, INSTANCE, "in two zones");
    assert_eq!(stage.instance(&now).multi_az(), Some(true));
}

#[test]
fn whoever_goes_on_after_a_death_moves_it_once_and_leaves_nothing() {
    let (stage, runner) = Stage::new();
    let boundaries = runner.boundaries(&DRILL);
    let (mut from, mut times) = (moved(&stage, INSTANCE, "undisturbed"), 1);
    for step in [
        "follow:started",
        "follow:applied",
        "probe:applied",
        "fence:applied",
        "catch-up:applied",
        "open-replica:started",
        "open-replica:applied",
        "promote:applied",
        "switch:applied",
        "set-aside:applied",
        "measure:applied",
    ] {
        Runner::of(&stage).killed_at(&DRILL, &boundaries, step);
        let other = Runner::of(&stage);
        let resumed = other.resume();
        // What nobody measured has not passed.
        let early = ["follow:started", "follow:applied", "probe:applied"].contains(&step);
        let code = if early { 0 } else { 6 };
        assert_eq!(resumed.code, Some(code), "{step}: {}", resumed.said());
        assert_eq!(over(&resumed)["lost_writes"], 0, "{step}");
        assert_eq!(other.open_operation(), None, "{step}");
        from = moved(&stage, &from, step);
        times += 1;
        assert_eq!(stage.calls("CreateDBInstanceReadReplica"), times, "{step}");
        assert_eq!(names(&stage).len(), times + 1, "{step}");
    }
}

#[test]
fn an_answer_lost_after_any_change_is_found_again_and_no_replica_is_made_twice() {
    let (stage, runner) = Stage::new();
    let (mut from, mut made) = (INSTANCE.to_owned(), 1);
    for action in [
        "CreateDBInstanceReadReplica",
        "AddTagsToResource",
        "PromoteReadReplica",
        "ModifyDBInstance",
    ] {
        stage.aws.faults().clear();
        let lost = Rule::new(Fault::LostAnswer, Times::Next(1)).action(action);
        stage.aws.faults().add(lost);
        let ended = runner.run(&DRILL).expect(0);
        assert_eq!(over(&ended)["lost_writes"], 0, "{action}");
        from = moved(&stage, &from, action);
        made += 1;
        assert_eq!(names(&stage).len(), made, "{action}");
    }
}

#[test]
fn a_replica_that_is_not_promoted_is_removed_and_the_database_takes_writes_again() {
    let (stage, runner) = Stage::new();
    for action in ["CreateDBInstanceReadReplica", "PromoteReadReplica"] {
        stage.aws.faults().clear();
        let refusal = Fault::Refused("KMSKeyNotAccessibleFault", "The key is off.");
        stage
            .aws
            .faults()
            .add(Rule::new(refusal, Times::Always).action(action));
        let failed = runner.run(&DRILL).expect(1);
        assert!(
            failed.said().contains("aws kms enable-key"),
            "{}",
            failed.said()
        );
        stayed(&stage, &runner, action);
    }
}

#[test]
fn a_replica_that_was_promoted_and_could_not_be_marked_is_removed_as_well() {
    let (stage, runner) = Stage::new();
    // The second mark says that it is a copy with a line of history of its own.
    let refusal = Fault::Refused("AccessDenied", "is not authorized to perform: rds:AddTags");
    let rule = Rule::new(refusal, Times::After(1)).action("AddTagsToResource");
    stage.aws.faults().add(rule);
    runner.run(&DRILL).expect(8);
    assert_eq!(stage.calls("PromoteReadReplica"), 1);
    stayed(&stage, &runner, "not marked");
}

#[test]
fn an_instance_that_is_not_backed_up_is_refused_before_anything_is_begun() {
    let (stage, runner) = Stage::new();
    let off = |it: &DbInstance| it.backup_retention_period() == Some(0);
    stage.changes(|it| it.backup_retention_period(0), off);
    let refused = runner.run_plainly(&DRILL).expect(4).said();
    assert!(refused.contains("automated backups are off"), "{refused}");
    let began = runner.run(&["operation", "list"]).expect(0).said();
    assert!(!began.contains("drill-failover"), "{began}");
    assert_eq!(stage.calls("CreateDBInstanceReadReplica"), 0);
}

#[test]
fn a_replica_that_nobody_goes_on_with_is_found_by_its_tags_and_ended() {
    let (stage, runner) = Stage::new();
    let briefly = |text: &str| format!("{text}    drill:\n      scratch_expires_after: 1s\n");
    runner.configure(briefly);
    let boundaries = Runner::of(&stage).boundaries(&DRILL);
    let from = moved(&stage, INSTANCE, "undisturbed");
    runner.killed_at(&DRILL, &boundaries, "follow:applied");
    assert_eq!(names(&stage).len(), 3);
    let operation = runner.open_operation().unwrap();
    let words = ["operation", "abandon", &operation, "--reason", "a test"];
    runner.run(&words).expect(0);
    let other = Runner::of(&stage);
    other.back_up();
    let copy = other.run(&["restore"]).expect(0).result()["copy"].clone();
    let left = names(&stage);
    assert_eq!(left.len(), 3, "{left:?}");
    for stays in [INSTANCE, &from, copy.as_str().unwrap()] {
        assert!(left.iter().any(|name| name == stays), "{left:?}");
    }
}
