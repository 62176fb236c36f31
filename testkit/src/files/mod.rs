//! Faults in files and disks: a flipped bit, a cut file, a disk that is full.
//!
//! Never touches a file that the test does not name.

mod damage;
mod folder;
mod small_disk;

pub use damage::{flip_bit, truncate};
pub use folder::quick_tempdir;
pub use small_disk::SmallDisk;
pub use tempfile::{TempDir, tempdir};
