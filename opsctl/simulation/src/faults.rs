//! Killing a run at a boundary, inside the test's own process.

use std::future::Future;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicUsize, Ordering};

use opsctl_core::engine::FaultPoint;

/// What a killed run leaves behind instead of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Killed;

/// Ends the run at the n-th boundary, counted from 0, without any clean-up.
#[derive(Debug)]
pub struct KillAt {
    at: usize,
    seen: AtomicUsize,
}

impl KillAt {
    /// Kills at the boundary number `at`.
    #[must_use]
    pub const fn boundary(at: usize) -> Self {
        Self {
            at,
            seen: AtomicUsize::new(0),
        }
    }
}

impl FaultPoint for KillAt {
    fn reached(&self, _boundary: &str) {
        if self.seen.fetch_add(1, Ordering::SeqCst) == self.at {
            // Unwinds past every line that would tidy up, and prints nothing.
            std::panic::resume_unwind(Box::new(Killed));
        }
    }
}

/// Writes down the boundaries that a run passes.
#[derive(Debug, Default)]
pub struct Counting(Mutex<Vec<String>>);

impl Counting {
    /// The boundaries so far.
    pub fn boundaries(&self) -> Vec<String> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

impl FaultPoint for Counting {
    fn reached(&self, boundary: &str) {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(boundary.to_owned());
    }
}

/// Runs `work` in a task of its own: a kill there ends the task, not the test.
///
/// # Errors
/// [`Killed`] when a [`KillAt`] struck; any other panic goes on.
pub async fn survive<T: Send + 'static>(
    work: impl Future<Output = T> + Send + 'static,
) -> Result<T, Killed> {
    match tokio::spawn(work).await {
        Ok(answer) => Ok(answer),
        Err(error) if error.is_panic() => {
            let panic = error.into_panic();
            match panic.downcast::<Killed>() {
                Ok(_) => Err(Killed),
                Err(other) => std::panic::resume_unwind(other),
            }
        }
        Err(_) => Err(Killed),
    }
}
