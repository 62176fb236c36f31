//! Going back from a cut-over.

use opsctl_core::engine::Plan;
use opsctl_core::ports::{DatabaseRole, Effects, Mode};

use super::cut_over::planned;
use super::stage::{Stage, before_and_after};

const OLD: &str = "sqlite:/live/app.sqlite3";

/// After a cut-over, with a user that only the new database has.
async fn cut_over() -> Stage {
    let (stage, _) = before_and_after();
    stage.execute(&planned(&stage).await).await.unwrap();
    let platform = &stage.platform;
    platform
        .write("users", &["eve", "eve@example.org"])
        .unwrap();
    stage
}

async fn undo(stage: &Stage) -> Plan {
    stage.plan_undo("restore-undo-1").await.unwrap()
}

async fn went_back(stage: &Stage, at: usize) {
    let platform = &stage.platform;
    assert_eq!(platform.descriptor().location.url, OLD, "killed at {at}");
    assert_eq!(platform.descriptor().mode, Mode::Normal, "killed at {at}");
    let live = platform.live();
    assert_eq!(live.keys("users"), ["ada", "bob"], "killed at {at}");
    assert_eq!(live.identity.role, DatabaseRole::Primary);
    assert_eq!(live.identity.effects, Effects::Held);
    assert!(!live.fenced, "killed at {at}");
    let (_, aside) = platform
        .databases()
        .into_iter()
        .find(|(url, _)| url != OLD)
        .unwrap();
    assert_eq!(
        aside.keys("users"),
        ["ada", "eve"],
        "what it discards is kept"
    );
    assert!(aside.fenced, "killed at {at}");
    assert_eq!(aside.identity.role, DatabaseRole::Superseded);
    let register = stage.register().await;
    assert_eq!(
        register.current.unwrap().lineage_id,
        live.identity.lineage_id
    );
    assert_eq!(register.set_aside.len(), 1, "killed at {at}");
    platform
        .write("users", &["zoe", "zoe@example.org"])
        .unwrap();
}

#[tokio::test]
async fn what_an_undo_would_discard_is_counted_before_the_question() {
    let plan = undo(&cut_over().await).await;
    let told = plan
        .context
        .iter()
        .find(|fact| fact.name == "discards of users");
    let told = &told.unwrap().value;
    assert_eq!(
        told,
        "1 rows that only the serving database has, 0 changes; 1 rows come back"
    );
}

#[tokio::test]
async fn an_undo_goes_back_and_can_be_undone_itself() {
    let stage = cut_over().await;
    let conclusion = stage.execute(&undo(&stage).await).await.unwrap();
    assert_eq!(
        conclusion.result["discarded"]["tables"][0]["keys"][0],
        "eve"
    );
    went_back(&stage, 0).await;
    let again = stage.plan_undo("restore-undo-2").await.unwrap();
    stage.execute(&again).await.unwrap();
    assert_eq!(stage.platform.live().keys("users"), ["ada", "eve"]);
    stage
        .platform
        .write("users", &["kim", "kim@example.org"])
        .unwrap();
}

#[tokio::test]
async fn an_undo_killed_at_any_boundary_and_resumed_ends_like_an_undisturbed_one() {
    let stage = cut_over().await;
    let count = stage.boundaries(&undo(&stage).await).await;
    assert_eq!(count, 1 + 10 * 4 + 1, "opened, four a step, closed");
    let every = (0..count).map(|at| async move {
        let stage = cut_over().await;
        let plan = undo(&stage).await;
        if let Some(answer) = stage.killed_and_resumed(&plan, at).await {
            answer.unwrap();
        }
        went_back(&stage, at).await;
    });
    futures::future::join_all(every).await;
}

#[tokio::test]
async fn an_undo_that_a_process_hinders_leaves_everything_as_it_was() {
    let stage = cut_over().await;
    stage
        .platform
        .start_process(opsctl_simulation::Obedience::Hangs);
    let failure = stage.execute(&undo(&stage).await).await.unwrap_err();
    assert!(failure.to_string().contains("pid 1001"), "{failure}");
    assert_eq!(stage.platform.live().keys("users"), ["ada", "eve"]);
    assert_eq!(stage.platform.descriptor().mode, Mode::Normal);
    stage
        .platform
        .write("users", &["kim", "kim@example.org"])
        .unwrap();
    let old = stage.platform.database(OLD).unwrap();
    assert_eq!(old.identity.role, DatabaseRole::Superseded);
}

#[tokio::test]
async fn without_a_cut_over_there_is_nothing_to_go_back_to() {
    let (stage, _) = before_and_after();
    let failure = stage.plan_undo("restore-undo-1").await.unwrap_err();
    assert_eq!(failure.kind, opsctl_core::FailureKind::Refused);
}
