//! Backups: take one, look at them, keep some, let the others go.
//!
//! Owns which backup must stay and why. Never reads a backup's files itself: providers do, behind
//! [`crate::ports::Backups`].

mod marks;

pub use marks::{DrillMark, forget_drills, mark_drilled, passed_drills};
