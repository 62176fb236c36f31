//! The steps from a backup to a proven copy; they never touch the live database.

mod discard;
mod fetch;
mod locate;
mod pin;
mod settle;
mod start;
mod verify;

pub use discard::Discard;
pub use fetch::Fetch;
pub use locate::Locate;
pub use pin::{Pin, Unpin};
pub use settle::Settle;
pub use start::Start;
pub use verify::{CopyProof, Depth, Verify};
