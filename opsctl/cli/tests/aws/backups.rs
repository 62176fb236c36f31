//! Snapshots as backups.

use testkit_aws::rds::Quotas;
use testkit_aws::{Fault, Rule, Times};

use crate::runner::Runner;
use crate::stage::{INSTANCE, Stage};

#[test]
fn a_snapshot_tells_everything_about_itself_and_stands_beside_those_of_rds() {
    let (stage, runner) = Stage::new();
    let id = runner.back_up();
    assert_eq!(stage.snapshots(), std::slice::from_ref(&id));
    let shown = runner.run(&["backup", "show", &id]).expect(0);
    let lineage = stage.sql(INSTANCE, "SELECT lineage_id FROM database_identity");
    assert!(shown.stdout.contains(&lineage), "{}", shown.stdout);
    let listed = Runner::of(&stage).run(&["backup", "list"]).expect(0);
    assert!(listed.stdout.contains(&id), "{}", listed.stdout);
    assert!(listed.stdout.contains("rds.orders-"), "{}", listed.stdout);
    runner.run(&["backup", "verify", &id]).expect(0);
    runner.run(&["backup", "verify", "--all"]).expect(0);
}

#[test]
fn a_lost_answer_leaves_one_snapshot_and_one_backup() {
    let (stage, runner) = Stage::new();
    let lost = Rule::new(Fault::LostAnswer, Times::Next(1));
    stage.aws.faults().add(lost.action("CreateDBSnapshot"));
    let id = runner.back_up();
    assert_eq!(stage.snapshots(), [id]);
}

#[test]
fn a_full_quota_says_that_room_must_be_made() {
    let (stage, runner) = Stage::new();
    runner.back_up();
    stage.aws.rds().set_quotas(Quotas {
        manual_snapshots: 1,
        ..Quotas::default()
    });
    let failed = runner.run(&["backup", "create"]).expect(1);
    assert!(
        failed.said().contains("SnapshotQuotaExceeded"),
        "{}",
        failed.said()
    );
    assert!(failed.said().contains("backup prune"), "{}", failed.said());
    assert_eq!(stage.snapshots().len(), 1);
    assert_eq!(runner.open_operation(), None);
}

#[test]
fn what_rds_takes_by_itself_is_pruned_by_nobody_else() {
    let (stage, runner) = Stage::new();
    let kept = [runner.back_up(), runner.back_up()];
    runner.configure(|text| {
        text.replace("environments:", "promises:\n  rto: 1h\n  rpo: 24h\n  retention: 1ms\n  restore_drill: 31d\n  failover_drill: 92d\n  secret_rotation: 90d\n  api_key_rotation: 30d\nenvironments:")
            .replace("    lock:", "    backup:\n      floor: 1\n    lock:")
    });
    let pruned = runner.run(&["backup", "prune", "--yes"]).expect(0);
    assert!(pruned.said().contains(&kept[0]), "{}", pruned.said());
    assert_eq!(stage.snapshots(), [kept[1].clone()]);
    let listed = runner.run(&["backup", "list"]).expect(0);
    assert!(listed.stdout.contains("rds.orders-"), "{}", listed.stdout);
}
