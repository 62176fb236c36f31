//! SQLite databases: who they are, how fresh, and fenced or not.

mod fence;
mod identity;
mod schema;
mod session;

pub(crate) use identity::{read as read_identity, write as write_identity};
pub(crate) use schema::{has_table, heartbeat, now, schema_version};
pub use session::{SqliteDatabases, SqliteSession};
