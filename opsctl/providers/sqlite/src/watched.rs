//! Work on files in a thread of its own, while the caller tells how far it got.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use opsctl_core::engine::Progress;
use opsctl_core::{Failure, FailureKind, Result};
use tokio::task::JoinError;

const EVERY: Duration = Duration::from_millis(100);

/// Runs `work`, which is handed a function to tell how many bytes are done.
pub(crate) async fn watched<T: Send + 'static>(
    progress: &Progress<'_>,
    total: u64,
    work: impl FnOnce(&dyn Fn(u64)) -> Result<T> + Send + 'static,
) -> Result<T> {
    let done = Arc::new(AtomicU64::new(0));
    let seen = Arc::clone(&done);
    let mut working =
        tokio::task::spawn_blocking(move || work(&|bytes| done.store(bytes, Ordering::Relaxed)));
    loop {
        tokio::select! {
            ended = &mut working => return joined(ended),
            () = tokio::time::sleep(EVERY) => {
                progress.at(seen.load(Ordering::Relaxed), total, "bytes");
            }
        }
    }
}

/// The answer of a thread; one that died leaves the state unknown.
pub(crate) fn joined<T>(ended: std::result::Result<Result<T>, JoinError>) -> Result<T> {
    ended.unwrap_or_else(|error| {
        Err(Failure::new(FailureKind::Unknown, "work on files ended early").because(error))
    })
}
