//! Bringing a database back: to scratch, to a point in time, in place of the live one, row by row.
//!
//! Owns the plans, the steps and the protocol of the cut-over. Never takes a backup and never writes to
//! the live database but through that protocol.

mod actions;
mod choose;
mod crossing;
mod facts;
mod inputs;
mod job;
mod leftovers;
pub(crate) mod names;
mod observe;
mod operation;
mod plan;
mod promote;
mod report;
mod request;
mod rows;
mod steps;
mod undo;
mod upkeep;

pub use choose::choose;
pub use crossing::due;
pub(crate) use crossing::{
    Crossing, Fence, Freeze, Promoted, Prove, SetOldAside, SharedCrossing, Switch, Thaw, Unfence,
    Unfreeze, Wanted, everybody, frozen_by,
};
pub(crate) use facts::descriptor_precondition;
pub use inputs::{CrossingInputs, RestoreInputs};
pub(crate) use leftovers::is_open;
pub use leftovers::{Settled, expired, fences_owed, settle};
pub use observe::{Available, Live, in_time};
pub use operation::Restore;
pub use plan::plan;
pub(crate) use promote::{administrator_of, back_to_scratch};
pub use request::{CutOverWish, Destination, Point, RestoreRequest, Source};
pub use rows::{
    Conflict, ConflictRule, Preview, Reason, RestoreRows, RowsInputs, RowsRequest, TableComing,
    plan_rows, preview,
};
pub use undo::{Aside, Undo, UndoInputs, plan_undo};
pub use upkeep::{
    DiscardCopy, Doomed, Release, ReleaseEffects, RemoveSetAside, plan_discard, plan_effects,
    plan_removal,
};
