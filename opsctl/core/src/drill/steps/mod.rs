//! The steps of a drill. Each notes what it measured; a restore that fails is a finding, not an accident.

mod before;
mod copy;
mod evidence;
pub mod names;
mod proof;
mod tidy;
mod warm;

pub(super) use before::{Locate, Located, Observe, Pin, Take};
pub(super) use copy::{Chill, Fetch, Restore, Start};
pub(super) use evidence::WriteEvidence;
pub(crate) use evidence::{Written, already_written, mark_passed};
pub(crate) use proof::Ready;
pub(super) use proof::{Examined, ReadyStep, Verify};
pub(crate) use tidy::{Discard, Unpin};
pub(super) use warm::{WarmPass, WarmRestore};
