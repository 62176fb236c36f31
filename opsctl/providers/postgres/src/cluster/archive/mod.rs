//! The write-ahead log of a lineage, kept outside the server: what makes points in time restorable.
//!
//! One file a segment, compressed and summed. A file that is there is never replaced by another.

mod commits;
mod health;
mod inventory;
mod name;
mod prune;
mod segment;

pub(crate) use commits::newest_commit;
pub use commits::{Commit, CommitRange};
pub use health::{ArchiveHealth, archive_health};
pub use inventory::{Inventory, Run};
pub use name::{SegmentName, WalFile};
pub(crate) use name::{parse_position, position, segment_size_in};
pub use prune::prune_archive;
pub use segment::{ArchiveOutcome, archive_segment, restore_segment};
pub(crate) use segment::{read_segment, stored_as};
