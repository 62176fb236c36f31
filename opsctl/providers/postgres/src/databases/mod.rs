//! PostgreSQL databases: who they are, how fresh, and fenced or not.

mod fence;
mod identity;
mod session;

pub use session::{PostgresDatabases, PostgresSession};
