//! Restored instances: scratch copies, and the one that takes over. A restore keeps next to nothing of its source's settings, so that
//! each is passed on by name.

mod adopt;
mod both;
mod end;
mod fetch;
mod fidelity;
mod port;
mod start;
mod state;

pub use both::RdsCopiesInBoth;
pub(super) use end::{Keep, end};
pub(super) use fidelity::{of_a_copy, parameter_group, security_groups, speed_is_chosen};
pub use port::RdsCopies;
pub(super) use start::begin_lineage;
pub(super) use state::{copy, is_ours};
