//! The state of an environment in S3: what a folder is on one machine, for every runner.

mod registers;
mod store;

pub use store::S3Store;
