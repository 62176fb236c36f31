//! Restored instances: what they hold, what they keep of their source, how they end.

use testkit_aws::{Fault, Rule, Times};

use crate::runner::Runner;
use crate::stage::{INSTANCE, PASSWORD, Stage};

const TERMINAL: [&str; 6] = [
    "failed",
    "incompatible-restore",
    "incompatible-parameters",
    "incompatible-network",
    "restore-error",
    "inaccessible-encryption-credentials",
];

#[test]
fn a_scratch_copy_holds_the_backups_rows_and_the_sources_settings_and_costs_nothing_more_than_it_must()
 {
    let (stage, runner) = Stage::new();
    runner.back_up();
    stage.sql(INSTANCE, "UPDATE users SET first_name = 'changed'");
    let result = runner.run(&["restore"]).expect(0).result();
    let copy = result["copy"].as_str().unwrap();
    let changed = "SELECT count(*) FROM users WHERE first_name = 'changed'";
    assert_eq!(stage.sql(copy, changed), "0");
    assert_eq!(stage.sql(INSTANCE, changed), "20");
    assert_eq!(
        stage.sql(copy, "SELECT role FROM database_identity"),
        "scratch"
    );

    let restored = stage.instance(copy);
    let group = restored.db_parameter_groups()[0].db_parameter_group_name();
    assert_eq!(group, Some("ours"));
    let subnets = restored.db_subnet_group().unwrap();
    assert_eq!(subnets.db_subnet_group_name(), Some("private"));
    assert_eq!(restored.storage_type(), Some("gp2"));
    assert_eq!(restored.backup_retention_period(), Some(0));
    assert_eq!(restored.deletion_protection(), Some(false));
    assert_eq!(restored.multi_az(), Some(false));
    let groups = restored.vpc_security_groups();
    assert_eq!(groups[0].vpc_security_group_id(), Some("sg-drill"));

    let other = Runner::of(&stage);
    let listed = other.run(&["restore", "list"]).expect(0);
    assert!(listed.stdout.contains(copy), "{}", listed.stdout);
    other.run(&["restore", "discard", copy]).expect(0);
    assert_eq!(stage.instances().len(), 1, "nothing is left that is billed");
    other.run(&["restore", "discard", copy]).expect(4);
}

#[test]
fn a_point_between_two_writes_comes_back_with_the_first_alone() {
    let (stage, runner) = Stage::new();
    stage.sql(INSTANCE, "UPDATE users SET last_name = 'first'");
    let between = stage.sql(
        INSTANCE,
        "SELECT to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')",
    );
    stage.sql(INSTANCE, "UPDATE users SET last_name = 'second'");
    let refused = runner.run(&["restore", "--to", &between]).expect(4);
    assert!(
        refused.said().contains("past the restore window"),
        "{}",
        refused.said()
    );
    stage.ships_its_log();
    let result = runner
        .run(&["restore", "--to", &between])
        .expect(0)
        .result();
    let copy = result["copy"].as_str().unwrap();
    assert_eq!(
        stage.sql(copy, "SELECT DISTINCT last_name FROM users"),
        "first"
    );
}

#[test]
fn a_copy_of_an_old_backup_gets_todays_password_of_the_administrator() {
    let (stage, runner) = Stage::new();
    runner.back_up();
    stage.change_master_password("another-password");
    let result = runner.run(&["restore"]).expect(0).result();
    let copy = result["copy"].as_str().unwrap();
    assert_eq!(stage.calls("ModifyDBInstance"), 2, "ours and the copy's");
    let count = stage.sql_as("another-password", copy, "SELECT count(*) FROM users");
    assert_eq!(count, "20");
    assert_ne!(PASSWORD, "another-password");
}

#[test]
fn a_restore_that_leads_nowhere_says_so_at_once_and_leaves_nothing() {
    let (stage, runner) = Stage::new();
    runner.back_up();
    for status in TERMINAL {
        let (file, copy) = runner.planned(&["restore"]);
        stage.aws.rds().will_end(&copy, status);
        let failed = runner.run(&["restore", "--plan", &file]).expect(1);
        assert!(
            failed.said().contains(status),
            "{status}: {}",
            failed.said()
        );
        assert_eq!(stage.instances().len(), 1, "{status}: it is still paid for");
        assert_eq!(runner.open_operation(), None, "{status}");
    }
}

#[test]
fn a_key_that_nobody_may_use_is_named_with_its_cure() {
    let (stage, runner) = Stage::new();
    runner.back_up();
    let code = "KMSKeyNotAccessibleFault";
    let refusal = Fault::Refused(
        code,
        "The specified KMS key does not exist or is not enabled.",
    );
    let rule = Rule::new(refusal, Times::Always).action("RestoreDBInstanceFromDBSnapshot");
    stage.aws.faults().add(rule);
    let failed = runner.run(&["restore"]).expect(1);
    assert!(failed.said().contains(code), "{}", failed.said());
    assert!(
        failed.said().contains("aws kms enable-key"),
        "{}",
        failed.said()
    );
    assert_eq!(runner.open_operation(), None);
}

#[test]
fn a_copy_takes_over_with_everything_that_protects_a_database_and_goes_back() {
    let (stage, runner) = Stage::new();
    runner.back_up();
    stage.sql(INSTANCE, "DELETE FROM comments");
    let words = ["restore", "--cut-over", "--confirm", "staging"];
    let result = runner.run(&words).expect(0).result();
    let now = result["copy"].as_str().map(ToOwned::to_owned);
    let now = now.unwrap_or_else(|| stage.other_than(INSTANCE));
    let (old, new) = (stage.instance(INSTANCE), stage.instance(&now));
    assert_eq!(new.deletion_protection(), Some(true));
    assert_eq!(new.backup_retention_period(), old.backup_retention_period());
    let groups = new.vpc_security_groups();
    assert_eq!(groups[0].vpc_security_group_id(), Some("sg-database"));
    assert_eq!(
        stage.sql(&now, "SELECT role FROM database_identity"),
        "primary"
    );
    assert_eq!(
        stage.sql(INSTANCE, "SELECT role FROM database_identity"),
        "superseded"
    );
    assert_eq!(stage.sql(&now, "SELECT count(*) FROM comments"), "100");
    runner.run(&["restore", "discard", &now]).expect(4);
    // From any machine, the new one is the database now.
    let id = Runner::of(&stage).back_up();
    assert!(stage.snapshots().contains(&id));
    assert_eq!(stage.source_of(&id), now);

    runner
        .run(&["restore", "undo", "--confirm", "staging"])
        .expect(0);
    assert_eq!(
        stage.sql(INSTANCE, "SELECT role FROM database_identity"),
        "primary"
    );
    assert_eq!(stage.sql(INSTANCE, "SELECT count(*) FROM comments"), "0");
    let before = stage.instances().len();
    assert_eq!(before, 2, "the one that served is kept");
}
