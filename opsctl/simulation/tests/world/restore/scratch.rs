//! To scratch: the live database is never touched.

use opsctl_core::engine::{OperationKind, Severity};
use opsctl_core::ports::DatabaseRole;
use opsctl_core::restore::{Destination, Point};

use super::stage::{Stage, before_and_after, id};

async fn planned(stage: &Stage) -> opsctl_core::engine::Plan {
    stage
        .plan("restore-1", Point::Newest, Destination::Scratch)
        .await
        .unwrap()
}

#[tokio::test]
async fn a_copy_holds_what_the_backup_held_and_the_live_database_is_not_touched() {
    let (stage, backup) = before_and_after();
    let before = stage.platform.live();
    let plan = planned(&stage).await;
    assert_eq!(plan.severity, Severity::Mild);
    assert!(
        plan.resources.is_empty(),
        "a scratch restore stands in nobody's way"
    );
    let conclusion = stage.execute(&plan).await.unwrap();
    assert_eq!(stage.platform.live(), before);
    assert_eq!(stage.pins(&backup).await, 0);
    let url = conclusion.result["location"]["url"].as_str().unwrap();
    let copy = stage.platform.database(url).unwrap();
    assert_eq!(copy.keys("users"), ["ada"]);
    assert_eq!(copy.identity.role, DatabaseRole::Scratch);
    assert_ne!(copy.identity.lineage_id, before.identity.lineage_id);
    assert!(
        conclusion.result["connect"]
            .as_str()
            .unwrap()
            .starts_with("sqlite3 ")
    );
    let discard = conclusion.result["discard"].as_str().unwrap();
    assert_eq!(discard, "opsctl --env local restore discard restore-1");
}

#[tokio::test]
async fn a_scratch_restore_killed_at_any_boundary_and_resumed_leaves_one_copy_and_no_pin() {
    let (stage, _) = before_and_after();
    let count = stage.boundaries(&planned(&stage).await).await;
    let every = (0..count).map(|at| async move {
        let (stage, backup) = before_and_after();
        let plan = planned(&stage).await;
        // At the first boundary nothing is journaled but the plan; at the last one all is over.
        if let Some(answer) = stage.killed_and_resumed(&plan, at).await {
            answer.unwrap();
        }
        assert_eq!(stage.platform.copies().len(), 1, "killed at {at}");
        assert_eq!(stage.pins(&backup).await, 0, "killed at {at}");
        assert!(!stage.view(&plan).await.is_open());
    });
    futures::future::join_all(every).await;
}

#[tokio::test]
async fn a_backup_that_changed_since_the_plan_is_refused_and_nothing_is_left() {
    let (stage, backup) = before_and_after();
    let mut plan = planned(&stage).await;
    plan.inputs["instance_id"] = uuid::Uuid::new_v4().to_string().into();
    let failure = stage.execute(&plan).await.unwrap_err();
    assert_eq!(
        failure.kind,
        opsctl_core::FailureKind::PromiseBroken,
        "{failure}"
    );
    assert!(stage.platform.copies().is_empty(), "the copy was discarded");
    assert_eq!(stage.pins(&backup).await, 0);
}

#[tokio::test]
async fn two_restores_at_once_do_not_stand_in_each_others_way() {
    let (stage, _) = before_and_after();
    let names = [1, 2].map(|number| id(OperationKind::Restore, number));
    let runs = names.iter().map(|name| async {
        let plan = stage
            .plan(name, Point::Newest, Destination::Scratch)
            .await
            .unwrap();
        stage.execute(&plan).await
    });
    for answer in futures::future::join_all(runs).await {
        answer.unwrap();
    }
    assert_eq!(stage.platform.copies().len(), 2);
}
