//! What stands in the databases: every column, key and index as the specification has them, and what the rows may be.

mod catalogue;
mod deletion;
mod migrations;
mod rights;
mod rows;
mod search;
mod sqlite_only;
