//! Backups: take one, look at them, keep some, let the others go.
//!
//! Owns which backup must stay and why. Never reads a backup's files itself: providers do, behind
//! [`crate::ports::Backups`].

mod marks;
mod pins;

pub use marks::{DrillMark, forget_drills, mark_drilled, passed_drills};
pub use pins::{Pin, forget_pins, kept, pin, pins_of, unpin};
