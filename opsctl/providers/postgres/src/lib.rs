//! PostgreSQL: a cluster of this machine, its backups, its copies, and every statement that opsctl sends.
//!
//! Implements opsctl's ports; holds no rule of any operation.

pub mod cluster;
pub mod connect;
pub mod databases;
