//! Owns the mode and the count of writes in flight. A mode that refuses writes is *applied* only when the last write that was
//! let in has ended: that is what opsctl waits for before it touches the database.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use tokio::sync::watch;

/// How the platform treats requests, strictest last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    Normal,
    /// Writes are refused.
    ReadOnly,
    /// Everything but health is refused.
    Maintenance,
}

impl Mode {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Normal => "normal",
            Self::ReadOnly => "read_only",
            Self::Maintenance => "maintenance",
        }
    }
}

impl fmt::Display for Mode {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.as_str())
    }
}

#[derive(Debug)]
struct State {
    mode: Mode,
    writes: usize,
}

/// Lets writes in, or not.
#[derive(Debug, Clone)]
pub(super) struct Gate(Arc<watch::Sender<State>>);

impl Gate {
    pub fn new(mode: Mode) -> Self {
        Self(Arc::new(watch::Sender::new(State { mode, writes: 0 })))
    }

    pub fn mode(&self) -> Mode {
        self.0.borrow().mode
    }

    /// Counts a write in, unless the mode refuses it; both under one lock, so that none slips past a change of mode.
    pub fn enter(&self) -> Result<Pass, Mode> {
        let mut refused_by = None;
        self.0.send_if_modified(|state| {
            match state.mode {
                Mode::Normal => state.writes += 1,
                other => refused_by = Some(other),
            }
            false
        });
        match refused_by {
            Some(mode) => Err(mode),
            None => Ok(Pass(self.clone())),
        }
    }

    /// From here on `mode` decides; what was let in before goes on.
    pub fn set(&self, mode: Mode) {
        self.0.send_modify(|state| state.mode = mode);
    }

    pub fn writes_in_flight(&self) -> usize {
        self.0.borrow().writes
    }

    /// Waits until no write is in flight.
    pub async fn writes_ended(&self) {
        // Fails only when the sender is gone, and self holds it.
        drop(self.0.subscribe().wait_for(|state| state.writes == 0).await);
    }
}

/// A write in flight, until it is dropped.
#[derive(Debug)]
pub(super) struct Pass(Gate);

impl Drop for Pass {
    fn drop(&mut self) {
        self.0.0.send_if_modified(|state| {
            state.writes -= 1;
            state.writes == 0
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_mode_is_applied_when_the_last_write_has_ended() {
        let gate = Gate::new(Mode::Normal);
        let first = gate.enter().unwrap();
        let second = gate.enter().unwrap();
        gate.set(Mode::Maintenance);
        assert_eq!(gate.enter().unwrap_err(), Mode::Maintenance);

        let ended = tokio::spawn({
            let gate = gate.clone();
            async move { gate.writes_ended().await }
        });
        drop(first);
        tokio::task::yield_now().await;
        assert!(!ended.is_finished());
        drop(second);
        ended.await.unwrap();
    }
}
