//! The restore drill and its self-test, killed at every boundary and under a clock that jumps: one document,
//! no copy, no pin and no lock left, and the same findings as an undisturbed run.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use opsctl_core::backup::passed_drills;
use opsctl_core::clock::Clock;
use opsctl_core::drill::{plan, plan_self_test};
use opsctl_core::engine::{FaultPoint, NoFaults, Plan};
use opsctl_core::evidence::{Evidence, EvidenceKey, EvidenceVerdict, list, newest_passed, verify};
use opsctl_core::integrity::DamageKind;
use opsctl_core::names::BackupId;
use opsctl_core::secret::Secret;
use opsctl_core::state::StateStore;
use opsctl_simulation::{MemoryStore, Platform, StillClock, environment};

use crate::evidence::trust;
use crate::restore::stage::Stage;

const USER: &str = "0f3ec204-e2de-4a63-9cd1-6577f34feca9";

/// A user in a backup. The stage's own checks look for one of the name `ada`, who is no row to read.
pub fn stage() -> (Stage, BackupId) {
    let platform = Platform::new();
    for row in [[USER, "first@example.org"], ["ada", "ada@example.org"]] {
        platform.write("users", &row).unwrap();
    }
    let backup = platform.back_up("monday");
    let store: Arc<dyn StateStore> = Arc::new(MemoryStore::default());
    (Stage { platform, store }, backup)
}

async fn drill(stage: &Stage) -> Plan {
    plan(&stage.observed("drill-restore-1").await, &environment()).unwrap()
}

async fn self_test(stage: &Stage) -> Plan {
    let observed = stage.observed("drill-self-test-1").await;
    plan_self_test(&observed, 7, &environment()).unwrap()
}

/// Nothing is left but what should be.
async fn left(stage: &Stage, backup: &BackupId, plan: &Plan, at: usize) {
    let platform = &stage.platform;
    assert!(!stage.view(plan).await.is_open(), "at {at}");
    assert!(platform.copies().is_empty(), "a copy is left, at {at}");
    assert_eq!(platform.databases().len(), 1, "at {at}");
    assert_eq!(stage.pins(backup).await, 0, "a pin is left, at {at}");
}

/// The one document.
async fn evidence(stage: &Stage, at: usize) -> Evidence {
    let entries = list(stage.store.as_ref()).await.unwrap();
    assert_eq!(entries.len(), 1, "evidence exactly once, at {at}");
    let key = EvidenceKey::from_seed(&Secret::new([7; 32]));
    let chain = verify(&entries, &trust(&key), Some(&entries[0].sha256()));
    assert!(chain.is_whole(), "at {at}: {chain:?}");
    entries[0].document().unwrap()
}

async fn passed(stage: &Stage, backup: &BackupId, at: usize) {
    let document = evidence(stage, at).await;
    assert_eq!(
        document.verdict,
        EvidenceVerdict::Passed,
        "at {at}: {:?}",
        document.reasons
    );
    let levels: Vec<_> = document
        .integrity
        .levels
        .iter()
        .map(|l| &l.outcome)
        .collect();
    assert!(
        levels.iter().all(|outcome| *outcome == "passed"),
        "at {at}: {document:?}"
    );
    assert!(
        document.rto.measured_seconds < 600.0,
        "at {at}: {:?}",
        document.rto
    );
    let marks = passed_drills(stage.store.as_ref(), backup).await.unwrap();
    assert_eq!(marks.len(), 1, "the backup is marked as proven, at {at}");
}

#[tokio::test]
async fn a_drill_killed_at_any_boundary_and_resumed_leaves_one_document_and_nothing_else() {
    let (undisturbed, backup) = stage();
    let plan = drill(&undisturbed).await;
    let count = undisturbed.boundaries(&plan).await;
    assert_eq!(count, 1 + 14 * 4 + 1, "opened, four a step, closed");
    passed(&undisturbed, &backup, count).await;
    let every = (0..count).map(|at| async move {
        let (stage, backup) = stage();
        let plan = drill(&stage).await;
        if let Some(answer) = stage.killed_and_resumed(&plan, at).await {
            answer.unwrap();
        }
        left(&stage, &backup, &plan, at).await;
        passed(&stage, &backup, at).await;
    });
    futures::future::join_all(every).await;
}

#[tokio::test]
async fn a_self_test_killed_at_any_boundary_and_resumed_finds_the_same_and_leaves_nothing() {
    let (undisturbed, _) = stage();
    let plan = self_test(&undisturbed).await;
    let expected = undisturbed.execute(&plan).await.unwrap();
    let (counted, _) = stage();
    let count = counted.boundaries(&self_test(&counted).await).await;
    assert_eq!(count, 1 + plan.actions.len() * 4 + 1);
    let expected = &expected;
    let every = (0..count).map(|at| async move {
        let (stage, backup) = stage();
        let plan = self_test(&stage).await;
        if let Some(answer) = stage.killed_and_resumed(&plan, at).await {
            assert_eq!(answer.as_ref(), Ok(expected), "killed at {at}");
        }
        left(&stage, &backup, &plan, at).await;
        let documents = list(stage.store.as_ref()).await.unwrap();
        assert_eq!(documents.len(), 1, "one document, killed at {at}");
        let document = documents[0].document().unwrap();
        assert_eq!(document.drill, "restore-self-test");
        let test = document.self_test.unwrap();
        assert_eq!(
            (test.seed, test.trials.len()),
            (7, DamageKind::ALL.len() + 2)
        );
        let passed = newest_passed(stage.store.as_ref(), "restore").await;
        assert!(
            passed.unwrap().is_none(),
            "it is no restore drill that passed"
        );
    });
    futures::future::join_all(every).await;
}

/// Moves the wall clock at one boundary.
struct Jump {
    clock: StillClock,
    at: usize,
    ahead: bool,
    seen: AtomicUsize,
}

impl FaultPoint for Jump {
    fn reached(&self, _: &str) {
        if self.seen.fetch_add(1, Ordering::SeqCst) == self.at {
            let (now, hour) = (self.clock.now(), Duration::from_secs(3600));
            self.clock.set(if self.ahead {
                now.plus(hour)
            } else {
                now.minus(hour)
            });
        }
    }
}

#[tokio::test]
async fn a_clock_that_jumps_an_hour_in_the_middle_of_a_drill_changes_nothing_that_was_found() {
    let count = {
        let (stage, _) = stage();
        let plan = drill(&stage).await;
        stage.boundaries(&plan).await
    };
    for at in 0..count {
        for ahead in [true, false] {
            let (stage, backup) = stage();
            let plan = drill(&stage).await;
            let jump = Jump {
                clock: stage.platform.clock.clone(),
                at,
                ahead,
                seen: AtomicUsize::default(),
            };
            stage.execute_with(&plan, Arc::new(jump)).await.unwrap();
            left(&stage, &backup, &plan, at).await;
            passed(&stage, &backup, at).await;
        }
    }
}

#[tokio::test]
async fn a_copy_that_is_in_use_outlives_a_clock_that_jumps_and_the_drill_of_somebody_else() {
    let (stage, backup) = stage();
    let kept = {
        let mut observed = stage.observed("drill-restore-2").await;
        observed.keep = true;
        plan(&observed, &environment()).unwrap()
    };
    stage.execute(&kept).await.unwrap();
    let copies = stage.platform.copies();
    assert_eq!(copies.len(), 1);
    let now = stage.platform.clock.now();
    stage
        .platform
        .clock
        .set(now.plus(Duration::from_secs(3600)));
    let plan = drill(&stage).await;
    stage.execute_with(&plan, Arc::new(NoFaults)).await.unwrap();
    assert_eq!(stage.platform.copies(), copies, "an hour is not its expiry");
    assert_eq!(
        stage.pins(&backup).await,
        1,
        "the copy's backup stays pinned"
    );
}
