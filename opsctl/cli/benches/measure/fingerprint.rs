//! The fingerprint of every table, as the drill's level `content` takes it.

use std::time::Instant;

use anyhow::Result;
use opsctl_core::{
    integrity::fingerprints,
    ports::{Engine, Inspector, Location, Reading},
};
use opsctl_postgres::inspect::PostgresInspector;
use serde_json::{Value, json};

/// Reads the database at this address as the drill reads a copy.
pub async fn measure(url: &str) -> Result<Value> {
    let location = Location {
        engine: Engine::Postgres,
        url: url.to_owned(),
        password_file: None,
        password_secret: None,
    };
    let started = Instant::now();
    let mut session = PostgresInspector.open(&location, Reading::Copy).await?;
    let tables = fingerprints(session.as_mut()).await?;
    Ok(json!({
        "seconds": started.elapsed().as_secs_f64(),
        "peak_kib": super::peak_memory()?,
        "tables": tables,
    }))
}
