//! Pruning the copies in the second place: by the same rules, on a floor of their own, and never by what lies at home.

use opsctl_core::clock::Clock;
use opsctl_core::names::{BackupId, OperationId};
use opsctl_core::pins::{Pin, pin};
use serde_json::json;

use super::stock::{DAY, daily, plan_a_prune};
use crate::restore::stage::Stage;

fn id(name: &str) -> BackupId {
    BackupId::new(name).unwrap()
}

/// Backups of so many days, the oldest of them copied.
fn copied(days: u32, copies: u32) -> Stage {
    let stage = daily(days);
    for day in 0..copies {
        stage.platform.copy_away(&id(&format!("day-{day}")));
    }
    stage
}

async fn copies(stage: &Stage) -> Vec<String> {
    let away = stage.world().backups.away().await.unwrap().unwrap();
    let names = away.backups.iter().map(|record| record.id.to_string());
    names.collect()
}

#[tokio::test]
async fn old_copies_go_as_old_backups_do_and_nothing_goes_twice() {
    let stage = copied(35, 35);
    let plan = plan_a_prune(&stage, "backup-prune-1").await.unwrap();
    let conclusion = stage.execute(&plan).await.unwrap();
    let gone = json!(["day-0", "day-1", "day-2", "day-3"]);
    assert_eq!(conclusion.result["copies_deleted"], gone);
    assert_eq!(conclusion.result["deleted"], gone);
    assert_eq!(copies(&stage).await.len(), 31);
    let again = plan_a_prune(&stage, "backup-prune-2").await.unwrap();
    assert!(again.actions.is_empty(), "{:?}", again.actions);
}

#[tokio::test]
async fn where_copying_stopped_no_copy_goes_however_young_the_backups_at_home_are() {
    let stage = copied(80, 6);
    let plan = plan_a_prune(&stage, "backup-prune-1").await.unwrap();
    let conclusion = stage.execute(&plan).await.unwrap();
    assert_eq!(conclusion.result["copies_deleted"], json!([]));
    assert_ne!(conclusion.result["deleted"], json!([]));
    assert_eq!(copies(&stage).await.len(), 6);
}

#[tokio::test]
async fn the_floor_of_copies_is_their_own() {
    let stage = copied(40, 40);
    let floor = stage.world().environment.settings.backup.floor as usize;
    // A clock that jumps makes all of them old at once.
    let later = stage.platform.clock.now().plus(DAY * 29);
    stage.platform.clock.set(later);
    let today = stage.platform.back_up("today");
    let plan = plan_a_prune(&stage, "backup-prune-1").await.unwrap();
    stage.execute(&plan).await.unwrap();
    let left = copies(&stage).await;
    assert!(left.len() >= floor, "{left:?}");
    assert_eq!(left.last().unwrap(), "day-39", "the newest copy stays");
    assert!(!left.contains(&today.to_string()));
}

#[tokio::test]
async fn a_copy_that_a_drill_reads_stays() {
    let stage = copied(33, 33);
    let now = stage.platform.clock.now();
    let wish = Pin {
        owner: OperationId::new("drill-failover-1").unwrap(),
        reason: "a drill restores it".into(),
        since: now,
        until: Some(now.plus(DAY)),
    };
    let plan = plan_a_prune(&stage, "backup-prune-1").await.unwrap();
    let store = stage.store.as_ref();
    pin(store, &id("day-0"), &wish).await.unwrap();
    let conclusion = stage.execute(&plan).await.unwrap();
    assert!(copies(&stage).await.contains(&"day-0".to_owned()));
    assert_eq!(conclusion.result["spared"][0]["backup"], "day-0");
}

#[tokio::test]
async fn a_prune_killed_at_any_boundary_and_resumed_leaves_the_same_copies() {
    let stage = copied(33, 33);
    let plan = plan_a_prune(&stage, "backup-prune-1").await.unwrap();
    let count = stage.boundaries(&plan).await;
    let left = copies(&stage).await;
    let every = (0..count).map(|at| {
        let left = left.clone();
        async move {
            let stage = copied(33, 33);
            let plan = plan_a_prune(&stage, "backup-prune-1").await.unwrap();
            if let Some(answer) = stage.killed_and_resumed(&plan, at).await {
                let result = answer.unwrap().result;
                assert_ne!(result["copies_deleted"], json!([]), "killed at {at}");
            }
            assert_eq!(copies(&stage).await, left, "killed at {at}");
        }
    });
    futures::future::join_all(every).await;
}

#[tokio::test]
async fn while_the_first_place_is_lost_no_copy_goes() {
    let stage = copied(40, 6);
    stage.platform.lose_home();
    let failure = plan_a_prune(&stage, "backup-prune-1").await.unwrap_err();
    assert!(failure.to_string().contains("does not answer"), "{failure}");
    assert_eq!(copies(&stage).await.len(), 6);
}
