//! One file or folder a command.

pub mod test;
pub mod up;
