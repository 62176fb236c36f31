//! The cut-over protocol: killed anywhere, hindered everywhere.

use opsctl_core::FailureKind;
use opsctl_core::engine::{Plan, Severity};
use opsctl_core::ports::{DatabaseRole, Effects, Mode};
use opsctl_core::restore::{Point, Source};
use opsctl_simulation::Obedience;

use super::stage::{Stage, before_and_after, cut_over};

pub async fn planned(stage: &Stage) -> Plan {
    let destination = cut_over(Source::Reachable);
    stage
        .plan("restore-1", Point::Newest, destination)
        .await
        .unwrap()
}

/// The copy serves, the old database is set aside, and the application works on.
async fn came_over(stage: &Stage, at: usize) {
    let platform = &stage.platform;
    let (descriptor, live) = (platform.descriptor(), platform.live());
    assert_eq!(live.keys("users"), ["ada"], "killed at {at}");
    assert_eq!(live.identity.effects, Effects::Held, "killed at {at}");
    assert!(live.identity.sessions_valid_after.is_some());
    assert_eq!(descriptor.mode, Mode::Normal, "killed at {at}");
    assert!(
        descriptor.other.is_empty(),
        "killed at {at}: {descriptor:?}"
    );
    let old = platform.database("sqlite:/live/app.sqlite3").unwrap();
    assert_eq!(
        old.identity.role,
        DatabaseRole::Superseded,
        "killed at {at}"
    );
    assert!(old.fenced, "killed at {at}");
    assert_eq!(old.keys("users"), ["ada", "bob"], "what it held is kept");
    let register = stage.register().await;
    let current = register.current.unwrap();
    assert_eq!(current.lineage_id, live.identity.lineage_id);
    assert_eq!(register.set_aside.len(), 1, "killed at {at}");
    assert_eq!(register.set_aside[0].lineage_id, old.identity.lineage_id);
    platform
        .write("users", &["eve", "eve@example.org"])
        .unwrap();
    assert_eq!(platform.live().keys("users"), ["ada", "eve"]);
}

/// Nothing happened: the old database serves and takes writes.
async fn stayed(stage: &Stage, at: usize) {
    let platform = &stage.platform;
    let live = platform.live();
    assert_eq!(live.keys("users"), ["ada", "bob"], "at {at}");
    assert_eq!(live.identity.effects, Effects::Flowing);
    assert_eq!(platform.descriptor().mode, Mode::Normal, "at {at}");
    assert!(platform.descriptor().other.is_empty(), "at {at}");
    assert!(platform.copies().is_empty(), "the copy is gone, at {at}");
    platform
        .write("users", &["eve", "eve@example.org"])
        .unwrap();
    assert!(stage.register().await.set_aside.is_empty());
}

#[tokio::test]
async fn a_cut_over_is_severe_locks_the_database_and_has_one_point_of_no_return() {
    let (stage, _) = before_and_after();
    let plan = planned(&stage).await;
    assert_eq!(plan.severity, Severity::Severe);
    assert_eq!(plan.resources[0].as_str(), "database");
    assert_eq!(plan.point_of_no_return.unwrap().as_str(), "switch");
}

#[tokio::test]
async fn the_copy_takes_over_and_the_old_database_is_kept_named_and_refused() {
    let (stage, backup) = before_and_after();
    let conclusion = stage.execute(&planned(&stage).await).await.unwrap();
    came_over(&stage, 0).await;
    assert_eq!(stage.pins(&backup).await, 0);
    let beyond = &conclusion.result["beyond_recovery_point"];
    assert_eq!(beyond["tables"][0]["table"], "users");
    assert_eq!(beyond["tables"][0]["only_first"], 1);
    assert_eq!(beyond["tables"][0]["keys"][0], "bob");
    assert_eq!(conclusion.result["undo"], "opsctl --env local restore undo");
}

#[tokio::test]
async fn a_cut_over_killed_at_any_boundary_and_resumed_ends_like_an_undisturbed_one() {
    let (stage, _) = before_and_after();
    let count = stage.boundaries(&planned(&stage).await).await;
    assert_eq!(count, 1 + 16 * 4 + 1, "opened, four a step, closed");
    let every = (0..count).map(|at| async move {
        let (stage, backup) = before_and_after();
        let plan = planned(&stage).await;
        if let Some(answer) = stage.killed_and_resumed(&plan, at).await {
            answer.unwrap();
        }
        came_over(&stage, at).await;
        assert_eq!(stage.pins(&backup).await, 0, "killed at {at}");
    });
    futures::future::join_all(every).await;
}

#[tokio::test]
async fn a_process_that_does_not_stop_writing_is_named_and_everything_goes_back() {
    let (stage, _) = before_and_after();
    stage.platform.start_process(Obedience::Hangs);
    let failure = stage.execute(&planned(&stage).await).await.unwrap_err();
    assert!(failure.to_string().contains("pid 1001"), "{failure}");
    stayed(&stage, 0).await;
}

#[tokio::test]
async fn the_way_back_killed_at_any_boundary_and_resumed_still_goes_back() {
    let hindered = || {
        let (stage, _) = before_and_after();
        stage.platform.start_process(Obedience::Hangs);
        stage
    };
    let stage = hindered();
    let count = stage.boundaries(&planned(&stage).await).await;
    let every = (0..count).map(|at| async move {
        let stage = hindered();
        let plan = planned(&stage).await;
        if let Some(answer) = stage.killed_and_resumed(&plan, at).await {
            answer.unwrap_err();
        }
        stayed(&stage, at).await;
    });
    futures::future::join_all(every).await;
}

#[tokio::test]
async fn a_fence_that_does_not_hold_is_found_by_a_write_and_everything_goes_back() {
    let (stage, _) = before_and_after();
    let url = stage.platform.descriptor().location.url;
    stage.platform.change(&url, |live| live.fence_leaks = true);
    let failure = stage.execute(&planned(&stage).await).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::PromiseBroken, "{failure}");
    stayed(&stage, 0).await;
}

#[tokio::test]
async fn a_damaged_copy_never_gets_near_the_application() {
    let (stage, _) = before_and_after();
    let url = stage.platform.descriptor().location.url;
    let broken = |live: &mut opsctl_simulation::SimulatedDatabase| {
        live.faults.push("page 7 is torn".into());
    };
    stage.platform.change(&url, broken);
    drop(stage.platform.back_up("tuesday"));
    stage.platform.change(&url, |live| live.faults.clear());
    let generation = stage.platform.descriptor().generation;
    let destination = cut_over(Source::Reachable);
    let point = Point::Backup(opsctl_core::names::BackupId::new("tuesday").unwrap());
    let plan = stage.plan("restore-1", point, destination).await.unwrap();
    let failure = stage.execute(&plan).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::PromiseBroken);
    assert!(failure.to_string().contains("page 7 is torn"), "{failure}");
    assert_eq!(
        stage.platform.descriptor().generation,
        generation,
        "never frozen"
    );
    stayed(&stage, 0).await;
}

#[tokio::test]
async fn a_descriptor_that_somebody_changed_since_the_plan_stops_the_cut_over_before_it_begins() {
    let (stage, _) = before_and_after();
    let plan = planned(&stage).await;
    stage
        .platform
        .change_descriptor(|descriptor| descriptor.generation += 1);
    let failure = stage.execute(&plan).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Refused, "{failure}");
    stayed(&stage, 0).await;
}

#[tokio::test]
async fn an_application_that_was_closed_stays_closed_through_a_cut_over() {
    let (stage, _) = before_and_after();
    let close = |descriptor: &mut opsctl_core::ports::Descriptor| {
        descriptor.mode = Mode::Maintenance;
    };
    stage.platform.change_descriptor(close);
    stage.execute(&planned(&stage).await).await.unwrap();
    assert_eq!(stage.platform.descriptor().mode, Mode::Maintenance);
    assert_eq!(stage.platform.live().keys("users"), ["ada"]);
}

#[tokio::test]
async fn a_copy_that_would_refuse_writes_is_promoted_demoted_and_discarded() {
    let (stage, _) = before_and_after();
    let url = stage.platform.descriptor().location.url;
    stage.platform.change(&url, |live| live.fenced = true);
    drop(stage.platform.back_up("tuesday"));
    stage.platform.change(&url, |live| live.fenced = false);
    let destination = cut_over(Source::Reachable);
    let point = Point::Backup(opsctl_core::names::BackupId::new("tuesday").unwrap());
    let plan = stage.plan("restore-1", point, destination).await.unwrap();
    let failure = stage.execute(&plan).await.unwrap_err();
    assert!(failure.to_string().contains("refuses writes"), "{failure}");
    stayed(&stage, 0).await;
}
