//! RDS as an environment's database: the instance that serves, its backups, copies of it.
//!
//! Asks AWS what there is and never remembers: whatever another runner must know lies in tags, on the things themselves. Speaks SQL
//! through core's ports alone.

mod backups;
mod copies;
pub(crate) mod instances;
mod provision;
mod refusals;
mod remembered;
mod replicas;
mod settled;
mod site;
mod sizes;
mod states;
mod tags;
mod ways;

pub(crate) use backups::newest_copy;
pub use backups::{RdsBackups, RdsCopiedBackups};
pub use copies::{RdsCopies, RdsCopiesInBoth};
pub use provision::RdsProvision;
pub use replicas::RdsReplicas;
pub use site::{Master, RdsSite};
pub use sizes::RdsSizes;
pub use ways::{APP_AUTHORITY, Ways};
