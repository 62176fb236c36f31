//! Copies restored from base backups, and replicas that follow: put in place, recovered, promoted, kept apart.
//!
//! Never writes to the archive, the backups or the cluster that a copy came from.

mod adopt;
mod chill;
mod fetch;
mod files;
mod follow;
mod lookup;
mod promote;
mod reach;
mod replica;
mod restorer;

pub use fetch::FetchRequest;
pub use follow::FollowRequest;
pub use reach::window;
pub(crate) use reach::{Reach, all_backups};
pub use restorer::Restorer;
