//! Configuration: `opsctl.yaml`, and the environment variables that opsctl reads.
//!
//! The only room that reads the process's environment.

mod file;
mod meant;
mod variables;

pub use file::Loaded;
pub use variables::{VARIABLES, named, read};
