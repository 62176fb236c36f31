//! PostgreSQL: a cluster of this machine, its backups and its copies.
//!
//! Implements opsctl's ports; holds no rule of any operation.

pub mod cluster;
