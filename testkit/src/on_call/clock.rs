//! Time, handed in: the real one for rehearsals, one that is moved by hand for tests.

use std::{
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

/// Time since the book was opened.
pub type Moment = Duration;

/// Says what time it is.
pub trait Clock: Send + Sync {
    /// Now.
    fn now(&self) -> Moment;
}

/// The machine's.
#[derive(Debug)]
pub struct SinceStart(Instant);

impl Default for SinceStart {
    fn default() -> Self {
        Self(Instant::now())
    }
}

impl Clock for SinceStart {
    fn now(&self) -> Moment {
        self.0.elapsed()
    }
}

/// Stands still until a test moves it.
#[derive(Debug, Default)]
pub struct HandMoved(Mutex<Moment>);

impl HandMoved {
    /// Later by so much.
    pub fn pass(&self, time: Duration) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) += time;
    }
}

impl Clock for HandMoved {
    fn now(&self) -> Moment {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
