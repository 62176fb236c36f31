//! Instances that end: deleted by mistake, set aside and let go, and what RDS itself kept of them.

use crate::runner::Runner;
use crate::stage::{INSTANCE, Stage};

#[test]
fn a_database_whose_instance_was_deleted_comes_back_with_all_that_protected_it() {
    let (stage, runner) = Stage::new();
    runner.back_up();
    stage.delete(INSTANCE);
    let other = Runner::of(&stage);
    let cut_over = ["restore", "--cut-over", "--confirm", "staging"];
    other.run(&cut_over).expect(4);
    let loss = ["--source-unreachable", "--accept-data-loss", "staging"];
    other.run(&[&cut_over[..], &loss].concat()).expect(0);
    let now = stage.other_than(INSTANCE);
    let restored = stage.instance(&now);
    assert_eq!(restored.deletion_protection(), Some(true));
    assert_eq!(restored.backup_retention_period(), Some(3));
    assert_eq!(restored.db_instance_class(), Some("db.t4g.micro"));
    let parameters = restored.db_parameter_groups();
    assert_eq!(parameters[0].db_parameter_group_name(), Some("ours"));
    let groups = restored.vpc_security_groups();
    assert_eq!(groups[0].vpc_security_group_id(), Some("sg-database"));
    assert_eq!(stage.sql(&now, "SELECT count(*) FROM users"), "20");
    runner.run(&["migrate", "status", "--exit-code"]).expect(0);
}

#[test]
fn an_old_instance_is_let_go_with_a_last_snapshot_and_its_automated_backups() {
    let (stage, runner) = Stage::new();
    runner.back_up();
    let lineage = stage.sql(INSTANCE, "SELECT lineage_id FROM database_identity");
    let words = ["restore", "--cut-over", "--confirm", "staging"];
    runner.run(&words).expect(0);
    assert_eq!(stage.instances().len(), 2);
    let words = ["restore", "set-aside", "remove", &lineage];
    let confirmed = [&words[..], &["--confirm", "staging"]].concat();
    runner.run(&confirmed).expect(0);
    let left = stage.instances();
    assert_eq!(left.len(), 1);
    assert_ne!(left[0].db_instance_identifier(), Some(INSTANCE));
    let last = stage.snapshots();
    let last = last.iter().filter(|name| stage.source_of(name) == INSTANCE);
    assert_eq!(last.count(), 2, "the backup and a last one");
}

#[test]
fn what_rds_takes_by_itself_is_restored_like_any_other_backup() {
    let (stage, runner) = Stage::new();
    stage.passes_a_day();
    let listed = runner.run(&["backup", "list"]).expect(0).document();
    let backups = listed["backups"].as_array().unwrap();
    let newest = backups.last().unwrap()["id"].as_str().unwrap();
    assert!(newest.starts_with("rds.orders-"), "{newest}");
    let result = runner.run(&["restore", "--backup", newest]).expect(0);
    let result = result.result();
    let copy = result["copy"].as_str().unwrap();
    assert_eq!(stage.sql(copy, "SELECT count(*) FROM users"), "20");
    assert!(stage.snapshots().is_empty());
}
