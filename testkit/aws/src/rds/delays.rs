//! How long states last and how much an account may have.

use std::time::Duration;

/// How long each state lasts, at least; the real work behind may take longer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Delays {
    /// Until a change that was asked for shows at all: the state is still the old one.
    pub noticing: Duration,
    /// A new instance.
    pub creating: Duration,
    /// A restored instance or a replica.
    pub restoring: Duration,
    /// An automated backup or a snapshot.
    pub backing_up: Duration,
    /// A snapshot on its way to another region.
    pub copying: Duration,
    /// A change.
    pub modifying: Duration,
    /// A restart without failover.
    pub rebooting: Duration,
    /// A failover: nobody is served meanwhile.
    pub failing_over: Duration,
    /// An end.
    pub deleting: Duration,
}

impl Delays {
    /// Long enough to be seen by whoever asks without a pause, and no longer.
    #[must_use]
    pub const fn moments() -> Self {
        Self::all(Duration::from_millis(60))
    }

    /// What the guide and reports say of a small instance; for a clock that is moved by hand, or for a patient rehearsal.
    #[must_use]
    pub const fn as_on_aws() -> Self {
        Self {
            noticing: Duration::from_secs(20),
            creating: Duration::from_secs(5 * 60),
            restoring: Duration::from_secs(10 * 60),
            backing_up: Duration::from_secs(3 * 60),
            copying: Duration::from_secs(15 * 60),
            modifying: Duration::from_secs(2 * 60),
            rebooting: Duration::from_secs(60),
            failing_over: Duration::from_secs(90),
            deleting: Duration::from_secs(3 * 60),
        }
    }

    /// The same for every state.
    #[must_use]
    pub const fn all(lasts: Duration) -> Self {
        Self {
            noticing: lasts,
            creating: lasts,
            restoring: lasts,
            backing_up: lasts,
            copying: lasts,
            modifying: lasts,
            rebooting: lasts,
            failing_over: lasts,
            deleting: lasts,
        }
    }
}

/// How much an account may have in a region.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quotas {
    /// Instances.
    pub instances: usize,
    /// Snapshots that somebody asked for.
    pub manual_snapshots: usize,
    /// Snapshots on their way into the region.
    pub copies_in_flight: usize,
}

impl Default for Quotas {
    /// As an account begins.
    fn default() -> Self {
        Self {
            instances: 40,
            manual_snapshots: 100,
            copies_in_flight: 20,
        }
    }
}
