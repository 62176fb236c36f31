//! A wish to stop at the next step boundary.

use std::fmt;
use std::sync::Arc;

use tokio::sync::watch;

/// Why a run is to stop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StopReason {
    /// Ctrl-C, or a signal to end.
    Interrupted,
    /// Another operation asked for the lock (`--supersede`): go back if that is still possible.
    Superseded {
        /// Who asked.
        by: String,
    },
    /// The lease could not be renewed in time: somebody else may hold the lock.
    LeaseLost,
    /// A step found that a person has to decide, and left everything as it is.
    Held {
        /// Why.
        why: String,
    },
    /// `--timeout` ran out.
    TimedOut,
}

impl fmt::Display for StopReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Interrupted => f.write_str("interrupted"),
            Self::Superseded { by } => write!(f, "superseded by {by}"),
            Self::LeaseLost => f.write_str("the lease ran out before it could be renewed"),
            Self::Held { why } => f.write_str(why),
            Self::TimedOut => f.write_str("the time limit of the run was reached"),
        }
    }
}

/// Shared by the signal handler, the leases and the executor.
#[derive(Debug, Clone)]
pub struct Interrupt {
    sender: Arc<watch::Sender<Option<StopReason>>>,
}

impl Default for Interrupt {
    fn default() -> Self {
        Self {
            sender: Arc::new(watch::channel(None).0),
        }
    }
}

impl Interrupt {
    /// Asks to stop; the first reason stays.
    pub fn request(&self, reason: StopReason) {
        self.sender.send_if_modified(|current| {
            let first = current.is_none();
            current.get_or_insert(reason);
            first
        });
    }

    /// Why to stop; `None` while nobody asked.
    #[must_use]
    pub fn requested(&self) -> Option<StopReason> {
        self.sender.borrow().clone()
    }

    /// Waits until somebody asks.
    pub async fn wait(&self) -> StopReason {
        let mut receiver = self.sender.subscribe();
        loop {
            if let Some(reason) = receiver.borrow_and_update().clone() {
                return reason;
            }
            if receiver.changed().await.is_err() {
                std::future::pending::<()>().await;
            }
        }
    }
}
