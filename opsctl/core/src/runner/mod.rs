//! The Job in which opsctl runs inside of the cluster: what it is made of, and what its pod tells. Pure: nothing is asked here.
//!
//! A Job changes nothing of the environment by itself. The opsctl in it has the guard, the locks and the journal that any other has.

mod files;
mod job;
mod pod;

pub use files::RunnerFiles;
pub use job::{Errand, NAME};
pub use pod::{Sight, sight};
