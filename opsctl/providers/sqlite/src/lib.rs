//! SQLite: databases in files, backups of them while they are in use, and restored copies.
//!
//! Owns the layout of `databases/`, `backups/` and `scratch/` in the folder of a local environment. Never
//! decides what is to be backed up, restored or deleted, and never replaces a file that is open.

pub mod backups;
pub mod connect;
pub mod copies;
pub mod databases;
mod files;
pub mod inspect;
mod places;
pub mod rows;
pub mod schema;
pub mod seed;
mod watched;

pub use places::Places;
pub mod sabotage;
