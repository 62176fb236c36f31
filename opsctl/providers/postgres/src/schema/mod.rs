//! Schemas of PostgreSQL databases: applying migrations without standing in anybody's way for long.

mod budget;
mod catalogue;
mod change;
mod facts;
mod lock;
mod migrations;
mod outside;

pub use budget::Budget;
pub use migrations::PostgresSchema;
