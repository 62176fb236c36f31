//! Locks: one at a time, nobody robbed, nothing stuck past its lease.

use std::sync::Arc;
use std::time::Duration;

use opsctl_core::FailureKind;
use opsctl_core::engine::{NoFaults, When};
use opsctl_core::guard::{Principal, force_release, lock_status};
use opsctl_core::names::ResourceName;
use opsctl_simulation::KillAt;

use crate::bench::{Bench, LEASE, refusal};

#[tokio::test]
async fn an_open_operation_stands_in_the_way_until_it_is_resumed() {
    let bench = Bench::three_steps();
    assert!(
        bench
            .execute_until_killed(Arc::new(KillAt::boundary(3)))
            .await
            .is_err()
    );
    let other = bench.beside("backup-create-2");
    let patient = other.run_with(Arc::new(NoFaults), LEASE * 4);
    // The dead holder's lease ends while we wait, but its operation stays open.
    let failure = refusal(other.execute(&patient).await);
    assert_eq!(failure.kind, FailureKind::Locked);
    assert!(
        failure
            .hints
            .iter()
            .any(|hint| hint.contains("operation resume backup-create-1"))
    );
    bench.resume(&bench.run()).await.unwrap();
    other.execute(&other.run()).await.unwrap();
}

#[tokio::test]
async fn a_lock_taken_from_a_dead_holder_by_force_still_shows_what_is_open() {
    let bench = Bench::three_steps();
    assert!(
        bench
            .execute_until_killed(Arc::new(KillAt::boundary(3)))
            .await
            .is_err()
    );
    let resource = ResourceName::new("database").unwrap();
    let who = Principal::claimed("eve");
    let freed = force_release(bench.store.as_ref(), &resource, &who)
        .await
        .unwrap();
    assert_eq!(freed.open.as_ref(), Some(&bench.plan.operation));
    let other = bench.beside("backup-create-2");
    let failure = refusal(other.execute(&other.run()).await);
    assert_eq!(failure.kind, FailureKind::Locked);
}

#[tokio::test]
async fn a_run_that_died_before_its_first_record_leaves_nothing_in_the_way() {
    let bench = Bench::three_steps();
    let (run, approval) = (bench.run(), bench.approval().await);
    let slow = Slow {
        inner: bench.operation(),
    };
    let resource = ResourceName::new("database").unwrap();
    tokio::select! {
        ended = opsctl_core::engine::execute(&run, &bench.plan, &approval, &slow) => panic!("{ended:?}"),
        () = wait_until_held(&bench, &resource) => {}
    }
    let other = bench.beside("backup-create-2");
    let patient = other.run_with(Arc::new(NoFaults), LEASE * 4);
    other.execute(&patient).await.unwrap();
}

#[tokio::test]
async fn two_runs_of_one_operation_never_work_at_once() {
    let bench = Bench::three_steps();
    assert!(
        bench
            .execute_until_killed(Arc::new(KillAt::boundary(3)))
            .await
            .is_err()
    );
    let (first, second) = (bench.run(), bench.run());
    let (a, b) = tokio::join!(bench.resume(&first), bench.resume(&second));
    assert!(a.is_ok() != b.is_ok(), "{a:?} {b:?}");
    assert!(bench.effects.applied().values().all(|times| *times == 1));
}

#[tokio::test]
async fn the_holder_is_shown_to_whoever_does_not_wait() {
    let bench = Bench::three_steps();
    assert!(
        bench
            .execute_until_killed(Arc::new(KillAt::boundary(0)))
            .await
            .is_err()
    );
    let other = bench.beside("backup-create-2");
    let failure = refusal(other.execute(&other.run()).await);
    assert_eq!(failure.kind.exit_code(), 5);
    assert!(
        failure.what.contains("ada") && failure.what.contains("here"),
        "{failure}"
    );
}

#[tokio::test]
async fn a_living_holder_is_never_robbed() {
    let bench = Bench::three_steps();
    let run = bench.run();
    let view = {
        let slow = Slow {
            inner: bench.operation(),
        };
        let approval = bench.approval().await;
        let resource = ResourceName::new("database").unwrap();
        let who = Principal::claimed("eve");
        let store = bench.store.as_ref();
        let robbing = async {
            wait_until_held(&bench, &resource).await;
            force_release(store, &resource, &who).await
        };
        let running = opsctl_core::engine::execute(&run, &bench.plan, &approval, &slow);
        let (ran, robbed) = tokio::join!(running, robbing);
        ran.unwrap();
        assert_eq!(robbed.unwrap_err().kind, FailureKind::Locked);
        bench.view().await.unwrap()
    };
    assert!(!view.is_open());
}

#[tokio::test]
async fn a_superseded_run_goes_back_and_lets_the_other_pass() {
    let bench = Bench::new(vec![
        ("one", When::Success),
        ("two", When::Success),
        ("back", When::Failure),
    ]);
    let other = bench.beside("backup-create-2");
    let run = bench.run();
    let approval = bench.approval().await;
    let slow = Slow {
        inner: bench.operation(),
    };
    let urgent = async {
        wait_until_held(&bench, &ResourceName::new("database").unwrap()).await;
        let mut run = other.run_with(Arc::new(NoFaults), Duration::from_secs(30));
        run.supersede = true;
        other.execute(&run).await
    };
    let (first, second) = tokio::join!(
        opsctl_core::engine::execute(&run, &bench.plan, &approval, &slow),
        urgent
    );
    assert!(
        refusal(first)
            .to_string()
            .contains("superseded by backup-create-2")
    );
    second.unwrap();
    assert!(bench.effects.applied().contains_key("back"));
}

async fn wait_until_held(bench: &Bench, resource: &ResourceName) {
    while lock_status(bench.store.as_ref(), resource)
        .await
        .unwrap()
        .record
        .holder
        .is_none()
    {
        tokio::task::yield_now().await;
    }
}

/// The scripted operation, looking at the world so slowly that each step outlasts several leases.
struct Slow {
    inner: opsctl_simulation::ScriptedOperation,
}

#[async_trait::async_trait]
impl opsctl_core::engine::Operation for Slow {
    fn steps(&self) -> Vec<Box<dyn opsctl_core::engine::ErasedStep>> {
        self.inner.steps()
    }

    async fn observe(&self) -> opsctl_core::Result<Vec<opsctl_core::engine::Precondition>> {
        tokio::time::sleep(LEASE * 2).await;
        self.inner.observe().await
    }

    fn conclude(
        &self,
        outputs: &opsctl_core::engine::Outputs,
    ) -> opsctl_core::Result<opsctl_core::engine::Conclusion> {
        self.inner.conclude(outputs)
    }
}

#[tokio::test]
async fn an_abandoned_operation_is_over_and_frees_what_it_held_open() {
    let bench = Bench::three_steps();
    assert!(
        bench
            .execute_until_killed(Arc::new(KillAt::boundary(3)))
            .await
            .is_err()
    );
    let store = Arc::clone(&bench.store) as Arc<dyn opsctl_core::state::StateStore>;
    let (id, now) = (&bench.plan.operation, bench.plan.created_at);
    let who = Principal::claimed("eve");
    let view = opsctl_core::engine::abandon(&store, id, &who, "the disk is gone", now).await;
    assert!(!view.unwrap().is_open());
    assert_eq!(
        refusal(bench.resume(&bench.run()).await).kind,
        FailureKind::Refused
    );
    let other = bench.beside("backup-create-2");
    other.execute(&other.run()).await.unwrap();
}
