//! Bringing single rows back into the live database: what somebody deleted by mistake.
//!
//! The closure over foreign keys, the conflicts and the order of writing are decided here; the SQL is the
//! providers'. Rows never pass through a plan or a journal: both keep counts and a digest.

mod closure;
mod conflicts;
mod found;
mod operation;
mod order;
mod plan;
mod selection;
mod steps;

pub use closure::{Preview, TableComing, preview};
pub use conflicts::{Conflict, Reason};
pub use operation::RestoreRows;
pub use plan::{ConflictRule, RowsInputs, plan_rows};
pub use selection::RowsRequest;
