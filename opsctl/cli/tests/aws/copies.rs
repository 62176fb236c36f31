//! Copies of backups in the backup region.

use testkit_aws::rds::Quotas;
use testkit_aws::{Fault, Rule, Times};

use crate::runner::Runner;
use crate::stage::{ABROAD, Stage};

#[test]
fn a_backup_is_copied_abroad_once_and_the_lack_of_copies_is_found() {
    let (stage, runner) = Stage::new();
    let id = runner.back_up();
    let examined = runner.run(&["doctor"]);
    assert!(
        examined.said().contains("ever copied to eu-west-1"),
        "{}",
        examined.said()
    );
    let lost = Rule::new(Fault::LostAnswer, Times::Next(1)).action("CopyDBSnapshot");
    stage.aws.faults().add(lost);
    let result = runner.run(&["backup", "copy"]).expect(0).result();
    assert_eq!(result["copy"]["id"], id.as_str());
    assert_eq!(stage.snapshots_in(ABROAD), std::slice::from_ref(&id));
    let again = Runner::of(&stage).run(&["backup", "copy", &id]).expect(0);
    assert_eq!(again.result()["copy"]["id"], id.as_str());
    assert_eq!(stage.snapshots_in(ABROAD).len(), 1);
    let examined = runner.run(&["doctor"]);
    assert!(
        !examined.said().contains("ever copied"),
        "{}",
        examined.said()
    );
}

#[test]
fn a_copy_that_died_is_finished_by_another_machine() {
    let (stage, runner) = Stage::new();
    let id = runner.back_up();
    for at in 0.. {
        let killed = runner.run_with(&["backup", "copy"], Some(&format!("kill-at:{at}")));
        if killed.code == Some(0) {
            assert!(at > 2, "it has no more than {at} boundaries");
            break;
        }
        let other = Runner::of(&stage);
        if other.open_operation().is_some() {
            other.resume().expect(0);
        }
        assert_eq!(other.open_operation(), None, "killed at {at}");
    }
    assert_eq!(stage.snapshots_in(ABROAD), [id]);
}

#[test]
fn a_full_queue_is_waited_for_and_a_key_out_of_reach_is_not() {
    let (stage, runner) = Stage::new();
    let id = runner.back_up();
    let full = Fault::Refused(
        "SnapshotQuotaExceeded",
        "Cannot have more than 20 in-progress snapshot copies in the destination region",
    );
    let rule = Rule::new(full, Times::Next(3)).action("CopyDBSnapshot");
    stage.aws.faults().add(rule);
    runner.run(&["backup", "copy"]).expect(0);
    assert_eq!(stage.snapshots_in(ABROAD), [id]);
    assert_eq!(stage.calls("CopyDBSnapshot"), 4);

    runner.back_up();
    let code = "KMSKeyNotAccessibleFault";
    let denied = Fault::Refused(code, "The specified KMS key is not enabled.");
    let rule = Rule::new(denied, Times::Always).action("CopyDBSnapshot");
    stage.aws.faults().add(rule);
    let failed = runner.run(&["backup", "copy"]).expect(1);
    assert!(failed.said().contains(code), "{}", failed.said());
    stage.aws.faults().clear();
    stage.aws.rds().set_quotas(Quotas {
        manual_snapshots: 1,
        ..Quotas::default()
    });
    let failed = runner.run(&["backup", "copy"]).expect(1);
    assert!(
        failed.said().contains("manual snapshots"),
        "{}",
        failed.said()
    );
}

#[test]
fn old_copies_abroad_are_pruned_down_to_their_newest() {
    let (stage, runner) = Stage::new();
    let kept = [runner.back_up(), runner.back_up()];
    for id in &kept {
        runner.run(&["backup", "copy", id]).expect(0);
    }
    runner.configure(|text| {
        text.replace("environments:", "promises:\n  rto: 1h\n  rpo: 24h\n  retention: 1ms\n  restore_drill: 31d\n  failover_drill: 92d\n  secret_rotation: 90d\n  api_key_rotation: 30d\nenvironments:")
            .replace("    lock:", "    backup:\n      floor: 1\n    lock:")
    });
    let lost = Rule::new(Fault::LostAnswer, Times::Next(1)).action("DeleteDBSnapshot");
    stage.aws.faults().add(lost.region(ABROAD));
    let pruned = runner.run(&["backup", "prune", "--yes"]).expect(0).result();
    assert_eq!(pruned["copies_deleted"][0], kept[0].as_str(), "{pruned}");
    assert_eq!(stage.snapshots_in(ABROAD), [kept[1].clone()]);
    assert_eq!(stage.snapshots(), [kept[1].clone()]);
}
