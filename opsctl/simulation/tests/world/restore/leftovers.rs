//! A source that does not answer, and what earlier runs left.

use std::time::Duration;

use opsctl_core::clock::Clock;
use opsctl_core::lineage::Fence;
use opsctl_core::ports::{DatabaseRole, Mode};
use opsctl_core::restore::{Destination, Point, Source, expired};

use super::stage::{Stage, before_and_after, cut_over};

const OLD: &str = "sqlite:/live/app.sqlite3";

fn silent() -> Stage {
    let (stage, _) = before_and_after();
    stage.platform.change(OLD, |old| old.answers = false);
    stage
}

async fn planned(stage: &Stage) -> opsctl_core::engine::Plan {
    let destination = cut_over(Source::Unreachable);
    let plan = stage.plan("restore-1", Point::Newest, destination).await;
    plan.unwrap()
}

async fn without_the_source(stage: &Stage) {
    stage.platform.change(OLD, |old| old.answers = false);
    let destination = cut_over(Source::Unreachable);
    let plan = stage.plan("restore-1", Point::Newest, destination).await;
    let conclusion = stage.execute(&plan.unwrap()).await.unwrap();
    let beyond = &conclusion.result["beyond_recovery_point"];
    assert_eq!(beyond["beyond"], "unknown", "nothing was made up");
}

#[tokio::test]
async fn a_source_that_does_not_answer_is_replaced_and_its_fence_is_owed() {
    let (stage, _) = before_and_after();
    without_the_source(&stage).await;
    assert_eq!(stage.platform.live().keys("users"), ["ada"]);
    assert_eq!(stage.platform.descriptor().mode, Mode::Normal);
    assert_eq!(stage.register().await.set_aside[0].fence, Fence::Owed);
}

#[tokio::test]
async fn a_source_that_comes_back_is_fenced_by_the_next_run() {
    let (stage, _) = before_and_after();
    without_the_source(&stage).await;
    stage.platform.change(OLD, |old| old.answers = true);
    drop(stage.platform.back_up("tuesday"));
    let plan = stage
        .plan("restore-2", Point::Newest, Destination::Scratch)
        .await;
    stage.execute(&plan.unwrap()).await.unwrap();
    let old = stage.platform.database(OLD).unwrap();
    assert!(old.fenced);
    assert_eq!(old.identity.role, DatabaseRole::Superseded);
    assert_eq!(stage.register().await.set_aside[0].fence, Fence::Proven);
}

#[tokio::test]
async fn a_cut_over_without_the_source_killed_anywhere_ends_the_same() {
    let stage = silent();
    let count = stage.boundaries(&planned(&stage).await).await;
    let every = (0..count).map(|at| async move {
        let stage = silent();
        let plan = planned(&stage).await;
        if let Some(answer) = stage.killed_and_resumed(&plan, at).await {
            answer.unwrap();
        }
        let live = stage.platform.live();
        assert_eq!(live.keys("users"), ["ada"], "killed at {at}");
        let mode = stage.platform.descriptor().mode;
        assert_eq!(mode, Mode::Normal, "killed at {at}");
        assert_eq!(stage.register().await.set_aside[0].fence, Fence::Owed);
    });
    futures::future::join_all(every).await;
}

#[tokio::test]
async fn a_copy_past_its_expiry_is_reaped_by_a_later_run() {
    let (stage, _) = before_and_after();
    let plan = stage
        .plan("restore-1", Point::Newest, Destination::Scratch)
        .await;
    stage.execute(&plan.unwrap()).await.unwrap();
    assert!(expired(&stage.world()).await.unwrap().is_empty());
    let later = stage
        .platform
        .clock
        .now()
        .plus(Duration::from_secs(48 * 3600));
    stage.platform.clock.set(later);
    assert_eq!(expired(&stage.world()).await.unwrap().len(), 1);
    let plan = stage
        .plan("restore-2", Point::Newest, Destination::Scratch)
        .await;
    stage.execute(&plan.unwrap()).await.unwrap();
    let left = stage.platform.copies();
    assert_eq!(left.len(), 1, "{left:?}");
    assert_eq!(left[0].as_str(), "restore-2");
}

#[tokio::test]
async fn the_copy_of_an_operation_that_is_still_open_is_never_reaped() {
    let (stage, _) = before_and_after();
    let plan = stage
        .plan("restore-1", Point::Newest, Destination::Scratch)
        .await;
    assert!(stage.killed(&plan.unwrap(), 18).await.is_err());
    assert_eq!(stage.platform.copies().len(), 1);
    let later = stage
        .platform
        .clock
        .now()
        .plus(Duration::from_secs(48 * 3600));
    stage.platform.clock.set(later);
    assert!(expired(&stage.world()).await.unwrap().is_empty());
}
