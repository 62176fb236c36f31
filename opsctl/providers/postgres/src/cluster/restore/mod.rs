//! Copies restored from base backups: put in place, recovered, promoted, kept apart.
//!
//! Never writes to the archive, the backups or the cluster that a copy came from.

mod adopt;
mod chill;
mod fetch;
mod files;
mod lookup;
mod promote;
mod reach;
mod restorer;

pub use fetch::FetchRequest;
pub use reach::window;
pub(crate) use reach::{Reach, all_backups};
pub use restorer::Restorer;
