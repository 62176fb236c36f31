//! The steps from a replica that is made to the database that serves, and back when they fail.

mod follow;
mod promote;

pub use follow::{CatchUp, Discard, Follow, Open};
pub use promote::{Demote, Promote};
