//! Something that was tried and timed. A restore that fails is a result of a drill, not an accident.

use std::future::Future;
use std::time::Instant;

use crate::failure::{Failure, FailureKind, Result};

/// How a measured attempt came out.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(tag = "outcome", content = "value", rename_all = "snake_case")]
pub enum Attempt<T> {
    /// It worked.
    Worked(T),
    /// It failed: the promise is broken, and this is why.
    Failed(Failure),
    /// It could not be tried, because something before it failed.
    Skipped,
}

/// An attempt and the time it took.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Measured<T> {
    /// How long it took.
    pub seconds: f64,
    /// How it came out.
    pub attempt: Attempt<T>,
}

impl<T> Measured<T> {
    /// Tries and times. What stops the drill itself (an interrupt, a lost lock) stays an error.
    ///
    /// # Errors
    /// When the drill has to stop.
    pub async fn of(work: impl Future<Output = Result<T>>) -> Result<Self> {
        let begun = Instant::now();
        let attempt = match work.await {
            Ok(value) => Attempt::Worked(value),
            Err(failure) if stops(failure.kind) => return Err(failure),
            Err(failure) => Attempt::Failed(failure),
        };
        Ok(Self {
            seconds: begun.elapsed().as_secs_f64(),
            attempt,
        })
    }

    /// Not tried.
    #[must_use]
    pub const fn skipped() -> Self {
        Self {
            seconds: 0.0,
            attempt: Attempt::Skipped,
        }
    }

    /// What came of it, when it worked.
    #[must_use]
    pub const fn worked(&self) -> Option<&T> {
        match &self.attempt {
            Attempt::Worked(value) => Some(value),
            Attempt::Failed(_) | Attempt::Skipped => None,
        }
    }

    /// Why it failed, when it did.
    #[must_use]
    pub const fn failure(&self) -> Option<&Failure> {
        match &self.attempt {
            Attempt::Failed(failure) => Some(failure),
            Attempt::Worked(_) | Attempt::Skipped => None,
        }
    }
}

const fn stops(kind: FailureKind) -> bool {
    matches!(
        kind,
        FailureKind::Stopped | FailureKind::Locked | FailureKind::Interrupted
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_failed_restore_is_a_result() {
        let measured = Measured::<()>::of(async { Err(Failure::failed("file 7 is broken")) })
            .await
            .unwrap();
        assert_eq!(measured.failure().unwrap().what, "file 7 is broken");
    }

    #[tokio::test]
    async fn an_interrupt_is_no_result() {
        let stopped = Failure::new(FailureKind::Stopped, "interrupted");
        assert!(Measured::<()>::of(async { Err(stopped) }).await.is_err());
    }
}
