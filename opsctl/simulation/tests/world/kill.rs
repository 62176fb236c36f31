//! Kill at every boundary: the end is the same as without.

use std::sync::Arc;

use opsctl_core::engine::{Conclusion, FaultPoint, When};
use opsctl_simulation::{Counting, KillAt};

use crate::bench::Bench;

async fn boundaries_of(bench: &Bench) -> usize {
    let counting = Arc::new(Counting::default());
    let faults = Arc::clone(&counting) as Arc<dyn FaultPoint>;
    bench.execute_until_killed(faults).await.unwrap().unwrap();
    counting.boundaries().len()
}

#[tokio::test]
async fn a_run_killed_at_any_boundary_and_resumed_ends_like_an_undisturbed_one() {
    let count = boundaries_of(&Bench::three_steps()).await;
    assert_eq!(count, 1 + 3 * 4 + 1, "opened, four a step, closed");
    let undisturbed = Bench::three_steps();
    let expected = undisturbed.execute(&undisturbed.run()).await.unwrap();
    let every = (0..count - 1).map(|at| killed_and_resumed(at, &expected));
    futures::future::join_all(every).await;
}

async fn killed_and_resumed(at: usize, expected: &Conclusion) {
    let bench = Bench::three_steps();
    let kill = Arc::new(KillAt::boundary(at));
    assert!(bench.execute_until_killed(kill).await.is_err());
    let answer = bench.resume(&bench.run()).await;
    assert_eq!(answer.as_ref(), Ok(expected), "killed at boundary {at}");
    assert!(
        bench.effects.applied().values().all(|times| *times == 1),
        "twice, at {at}"
    );
    assert!(!bench.view().await.unwrap().is_open());
}

#[tokio::test]
async fn a_run_killed_after_its_last_record_is_over_and_leaves_no_lock() {
    let bench = Bench::three_steps();
    let last = boundaries_of(&Bench::three_steps()).await - 1;
    assert!(
        bench
            .execute_until_killed(Arc::new(KillAt::boundary(last)))
            .await
            .is_err()
    );
    assert!(!bench.view().await.unwrap().is_open());
    let next = bench.beside("backup-create-2");
    let run = next.run_with(
        Arc::new(opsctl_core::engine::NoFaults),
        crate::bench::LEASE * 10,
    );
    next.execute(&run).await.unwrap();
}

#[tokio::test]
async fn a_run_killed_twice_still_ends_well() {
    let pairs = (1..8).flat_map(|first| (1..4).map(move |second| killed_twice(first, second)));
    futures::future::join_all(pairs).await;
}

async fn killed_twice(first: usize, second: usize) {
    let bench = Bench::three_steps();
    let kill = Arc::new(KillAt::boundary(first));
    assert!(bench.execute_until_killed(kill).await.is_err());
    let kill = Arc::new(KillAt::boundary(second));
    if bench.resume_until_killed(kill).await.is_err() {
        bench.resume(&bench.run()).await.unwrap();
    }
    assert_eq!(
        bench.effects.applied().len(),
        3,
        "killed at {first}, then {second}"
    );
}

#[tokio::test]
async fn a_run_killed_on_its_way_back_goes_on_going_back() {
    futures::future::join_all((5..12).map(killed_going_back)).await;
}

async fn killed_going_back(at: usize) {
    let bench = Bench::new(vec![
        ("one", When::Success),
        ("two", When::Success),
        ("back", When::Failure),
    ]);
    bench.effects.fail("two");
    let kill = Arc::new(KillAt::boundary(at));
    if bench.execute_until_killed(kill).await.is_err() {
        bench.resume(&bench.run()).await.unwrap_err();
    }
    let applied = bench.effects.applied();
    assert_eq!(
        applied.get("back"),
        Some(&1),
        "killed at boundary {at}: {applied:?}"
    );
    assert!(!bench.view().await.unwrap().is_open());
}

#[tokio::test]
async fn a_finished_step_that_no_longer_holds_is_done_again() {
    let bench = Bench::three_steps();
    // Boundary 8 is the end of the second step.
    assert!(
        bench
            .execute_until_killed(Arc::new(KillAt::boundary(8)))
            .await
            .is_err()
    );
    bench.effects.take_away("one");
    bench.resume(&bench.run()).await.unwrap();
    assert_eq!(bench.effects.applied().len(), 3);
}
