//! What a rehearsal needs on this machine, found or installed before anything is started.

use anyhow::Result;

use crate::machine::{lab, minio, packages, postgres};

/// PostgreSQL, Redis, MinIO and a registry.
pub fn meet() -> Result<()> {
    postgres::require()?;
    packages::require("redis-server", "redis-server")?;
    minio::require()?;
    lab::registry()
}
