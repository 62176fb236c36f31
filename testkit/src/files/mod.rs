//! Faults in files and disks: a flipped bit, a cut file, a disk that is full, a folder that is read-only.
//!
//! Never touches a file that the test does not name.

mod damage;
mod folder;
mod read_only;
mod small_disk;

pub use damage::{flip_bit, truncate};
pub use folder::quick_tempdir;
pub use read_only::ReadOnly;
pub use small_disk::SmallDisk;
pub use tempfile::{TempDir, tempdir};
