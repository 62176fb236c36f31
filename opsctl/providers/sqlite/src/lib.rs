//! SQLite: a file of this machine, its backups and its copies.

pub mod inspect;
