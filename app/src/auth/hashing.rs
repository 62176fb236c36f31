//! The threads on which passwords are hashed: a few, of low priority, so that a storm of log-ins takes what ordinary requests leave.
//! Each hash keeps a core busy for tens of milliseconds; what is too much is refused at once instead of queued for ever, and what
//! nobody waits for any more is not begun.

use std::panic::AssertUnwindSafe;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use metrics::{counter, describe_counter, describe_gauge, describe_histogram, gauge, histogram};
use tokio::sync::oneshot;

use crate::http::ApiError;

/// Hashes waiting for their turn, for each one that may run.
const WAITING_PER_RUNNING: usize = 32;
/// How much later than everybody else: about a ninth of a core where somebody else wants it, all of it where nobody does.
#[cfg(target_os = "linux")]
const NICER: i32 = 10;

const IN_HAND: &str = "password_hashes";
const REFUSED: &str = "password_hashes_refused_total";
const WAITED: &str = "password_hash_wait_seconds";
const TOOK: &str = "password_hash_seconds";

type Task = Box<dyn FnOnce() + Send>;

/// The queue before the threads; they end with it.
pub(super) struct Hashing {
    queue: Sender<Task>,
    in_hand: Arc<AtomicUsize>,
    most_in_hand: usize,
}

impl Hashing {
    /// Starts so many threads.
    pub fn on(threads: usize) -> Result<Self, ApiError> {
        describe();
        let (queue, tasks) = channel();
        let tasks = Arc::new(Mutex::new(tasks));
        for number in 0..threads {
            let tasks = Arc::clone(&tasks);
            std::thread::Builder::new()
                .name(format!("argon2-{number}"))
                .spawn(move || work(&tasks))
                .map_err(|error| ApiError::Internal(format!("a thread for passwords: {error}")))?;
        }
        Ok(Self {
            queue,
            in_hand: Arc::default(),
            most_in_hand: threads * (1 + WAITING_PER_RUNNING),
        })
    }

    /// Waits until it has been done, on one of the threads.
    pub async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, ApiError> {
        let counted = InHand::take(self)?;
        let (answer, answered) = oneshot::channel();
        let asked = Instant::now();
        let task = move || {
            let _counted = counted;
            if answer.is_closed() {
                return;
            }
            histogram!(WAITED).record(asked.elapsed());
            let began = Instant::now();
            let done = work();
            histogram!(TOOK).record(began.elapsed());
            // Whoever asked may be gone by now.
            let _unheard = answer.send(done);
        };
        let lost = |what: &str| ApiError::Internal(format!("password hashing {what}"));
        let queued = self.queue.send(Box::new(task));
        queued.map_err(|_| lost("has ended"))?;
        answered.await.map_err(|_| lost("failed"))
    }
}

fn work(tasks: &Mutex<Receiver<Task>>) {
    #[cfg(target_os = "linux")]
    if let Err(error) = rustix::process::nice(NICER) {
        let error = error.to_string();
        tracing::warn!(error, "passwords are hashed at the priority of requests");
    }
    loop {
        let next = tasks.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(task) = next else { return };
        // Whoever waits for it is told by the answer that never comes.
        let _panicked = std::panic::catch_unwind(AssertUnwindSafe(task));
    }
}

/// One that waits or runs; it is counted until it is over, whoever asked.
struct InHand(Arc<AtomicUsize>);

impl InHand {
    fn take(hashing: &Hashing) -> Result<Self, ApiError> {
        let counted = Self(Arc::clone(&hashing.in_hand));
        let before = counted.0.fetch_add(1, Ordering::Relaxed);
        gauge!(IN_HAND).increment(1);
        if before >= hashing.most_in_hand {
            counter!(REFUSED).increment(1);
            return Err(ApiError::Overloaded);
        }
        Ok(counted)
    }
}

impl Drop for InHand {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
        gauge!(IN_HAND).decrement(1);
    }
}

fn describe() {
    describe_gauge!(IN_HAND, "Password hashes that wait or run");
    describe_counter!(REFUSED, "Log-ins refused because too many wait");
    describe_histogram!(WAITED, "Seconds that a password hash waited for its turn");
    describe_histogram!(TOOK, "Seconds that a password hash took");
    counter!(REFUSED).absolute(0);
    gauge!(IN_HAND).increment(0);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Keeps the only thread busy until the sender is dropped.
    fn busy(hashing: &Arc<Hashing>) -> (Sender<()>, tokio::task::JoinHandle<()>) {
        let (go_on, told) = channel::<()>();
        let hashing = Arc::clone(hashing);
        let held = tokio::spawn(async move {
            hashing.run(move || told.recv().is_ok()).await.unwrap();
        });
        (go_on, held)
    }

    async fn in_hand(hashing: &Hashing, count: usize) {
        while hashing.in_hand.load(Ordering::Relaxed) != count {
            tokio::task::yield_now().await;
        }
    }

    #[tokio::test]
    async fn more_than_can_be_queued_is_refused_at_once() {
        let hashing = Arc::new(Hashing::on(1).unwrap());
        let (go_on, held) = busy(&hashing);
        in_hand(&hashing, 1).await;
        let waiting: Vec<_> = (1..hashing.most_in_hand)
            .map(|_| {
                let hashing = Arc::clone(&hashing);
                tokio::spawn(async move { hashing.run(|| ()).await })
            })
            .collect();
        in_hand(&hashing, hashing.most_in_hand).await;
        let refused = hashing.run(|| ()).await;
        assert!(matches!(refused, Err(ApiError::Overloaded)));
        drop(go_on);
        held.await.unwrap();
        for task in waiting {
            task.await.unwrap().unwrap();
        }
        in_hand(&hashing, 0).await;
    }

    #[tokio::test]
    async fn what_nobody_waits_for_is_not_begun() {
        let hashing = Arc::new(Hashing::on(1).unwrap());
        let (go_on, held) = busy(&hashing);
        in_hand(&hashing, 1).await;
        let begun = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&begun);
        let mut gone = Box::pin(hashing.run(move || count.fetch_add(1, Ordering::Relaxed)));
        assert!(futures::poll!(&mut gone).is_pending());
        drop(gone);
        drop(go_on);
        held.await.unwrap();
        hashing.run(|| ()).await.unwrap();
        assert_eq!(begun.load(Ordering::Relaxed), 0);
    }

    #[tokio::test]
    async fn a_thread_outlives_a_panic() {
        let hashing = Hashing::on(1).unwrap();
        let failed = hashing.run(|| panic!("on purpose")).await;
        assert!(matches!(failed, Err(ApiError::Internal(_))), "{failed:?}");
        assert_eq!(hashing.run(|| 7).await.unwrap(), 7);
    }

    #[cfg(target_os = "linux")]
    #[tokio::test]
    async fn passwords_are_hashed_at_a_lower_priority() {
        // The 19th field, counted from behind the name, which may hold anything.
        let nice = || {
            let stat = std::fs::read_to_string("/proc/thread-self/stat").unwrap();
            let (_, fields) = stat.rsplit_once(") ").unwrap();
            fields.split(' ').nth(16).unwrap().parse::<i32>().unwrap()
        };
        let hashing = Hashing::on(1).unwrap();
        let there = hashing.run(nice).await.unwrap();
        assert_eq!(there, (nice() + NICER).min(19));
    }
}
