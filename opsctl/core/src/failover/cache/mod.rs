//! The steps of a failover of the cache: what is its own beside those of any standby, and what its trail of events proves.

mod recover;
mod take_over;
mod trail;
mod waiting;

pub use recover::{Recover, Recovery};
pub use take_over::{TakeOver, TookOver};
