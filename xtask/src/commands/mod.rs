//! One file or folder a command.

pub mod bench;
pub mod docs;
pub mod test;
pub mod up;
