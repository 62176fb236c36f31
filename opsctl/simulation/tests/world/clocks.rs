//! A wall clock that jumps takes no lock from anybody, ends no run, and loses no record.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use opsctl_core::FailureKind;
use opsctl_core::clock::{Clock, SystemClock, Timestamp};
use opsctl_core::engine::{NoFaults, Run};
use opsctl_simulation::KillAt;

use crate::bench::{Bench, LEASE, refusal};

const JUMP: Duration = Duration::from_secs(365 * 86_400);

/// A year ahead and a year behind, in turn.
#[derive(Default)]
struct Jumping(AtomicBool);

impl Clock for Jumping {
    fn now(&self) -> Timestamp {
        let now = SystemClock.now();
        match self.0.fetch_xor(true, Ordering::SeqCst) {
            true => now.minus(JUMP),
            false => now.plus(JUMP),
        }
    }
}

fn jumping(run: Run) -> Run {
    Run {
        clock: Arc::new(Jumping::default()),
        ..run
    }
}

#[tokio::test]
async fn a_run_under_a_jumping_clock_ends_like_any_other() {
    let bench = Bench::three_steps();
    bench.execute(&jumping(bench.run())).await.unwrap();
    assert!(bench.effects.applied().values().all(|times| *times == 1));
    assert!(!bench.view().await.unwrap().is_open());
}

#[tokio::test]
async fn a_dead_run_is_resumed_by_somebody_whose_clock_is_a_year_off() {
    let bench = Bench::three_steps();
    let killed = bench
        .execute_until_killed(Arc::new(KillAt::boundary(3)))
        .await;
    assert!(killed.is_err());
    bench.resume(&jumping(bench.run())).await.unwrap();
    assert!(bench.effects.applied().values().all(|times| *times == 1));
    assert!(!bench.view().await.unwrap().is_open());
}

#[tokio::test]
async fn a_lock_is_not_free_because_somebody_s_clock_says_so() {
    let bench = Bench::three_steps();
    let killed = bench
        .execute_until_killed(Arc::new(KillAt::boundary(0)))
        .await;
    assert!(killed.is_err());
    let other = bench.beside("backup-create-2");
    let impatient = jumping(other.run_with(Arc::new(NoFaults), LEASE / 4));
    assert_eq!(
        refusal(other.execute(&impatient).await).kind,
        FailureKind::Locked
    );
    assert!(other.effects.applied().is_empty());
}
