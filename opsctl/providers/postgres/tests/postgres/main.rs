//! The provider against a real PostgreSQL.
#![allow(clippy::unwrap_used)]

mod databases;
mod schema;
mod statements;
