//! What `list` says and warns of.

use opsctl_core::backup::overview;
use opsctl_core::clock::Clock;

use super::stock::{DAY, daily, empty};

#[tokio::test]
async fn fresh_backups_are_listed_oldest_first_and_nothing_is_wrong() {
    let overview = overview(&daily(3).world()).await.unwrap();
    let names: Vec<_> = overview
        .backups
        .iter()
        .map(|b| b.record.id.as_str())
        .collect();
    assert_eq!(names, ["day-0", "day-1", "day-2"]);
    assert_eq!(overview.backups[0].age_seconds, 2 * 86_400);
    assert!(overview.warnings.is_empty(), "{:?}", overview.warnings);
}

#[tokio::test]
async fn no_backup_at_all_is_a_warning() {
    let overview = overview(&empty().world()).await.unwrap();
    assert_eq!(
        overview.warnings,
        ["there is no backup: nothing could be restored"]
    );
}

#[tokio::test]
async fn a_stale_backup_is_a_warning_just_past_the_limit_and_not_just_before() {
    for (hours, warnings) in [(25, 0), (26, 1)] {
        let stage = daily(3);
        let later = stage.platform.clock.now().plus(DAY / 24 * hours);
        stage.platform.clock.set(later);
        let overview = overview(&stage.world()).await.unwrap();
        assert_eq!(overview.warnings.len(), warnings, "{:?}", overview.warnings);
    }
}

#[tokio::test]
async fn a_backup_from_the_future_is_a_warning_and_makes_no_other_one_fresh() {
    let stage = daily(1);
    let now = stage.platform.clock.now();
    stage.platform.clock.set(now.plus(DAY * 30));
    drop(stage.platform.back_up("ahead"));
    stage.platform.clock.set(now.plus(DAY * 2));
    let warnings = overview(&stage.world()).await.unwrap().warnings;
    assert!(warnings[0].contains("future"), "{warnings:?}");
    assert!(warnings[1].contains("stale: 'day-0'"), "{warnings:?}");
}
