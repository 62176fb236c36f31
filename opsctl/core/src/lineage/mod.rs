//! Which database is *the* database of an environment, which ones were set aside, and which fences are owed.
//!
//! Owns the record in the state store; the lineage itself lives in each database. Never opens a database.

mod register;

pub use register::{CurrentDatabase, Fence, LineageRegister, SetAside};
