//! One file or folder a command.

pub mod bench;
pub mod docs;
pub mod lab;
pub mod rehearse;
pub mod test;
pub mod up;
