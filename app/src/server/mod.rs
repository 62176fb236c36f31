//! Owns the life of the process: start, listen, stop. `process` is the binary's whole body; `running` is the same service in
//! somebody else's process, as tests use it.

mod caching;
mod listening;
mod measurements;
pub mod process;
mod rotation;
mod running;
mod serving;
mod start;
mod unhurried;

pub use running::Server;
pub use start::StartError;
