//! Going back from a cut-over: the database that was set aside serves again.
//!
//! The same protocol in the other direction. Nothing is deleted: what it would discard is counted, shown
//! before the question, and stays in the database that is set aside in turn.

mod observe;
mod operation;
mod plan;
mod returning;

pub use observe::Aside;
pub use operation::Undo;
pub use plan::{UndoInputs, plan_undo};
