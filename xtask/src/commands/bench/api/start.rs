//! From the start of the process to the first answer that says ready.

use std::{
    net::TcpListener,
    time::{Duration, Instant},
};

use anyhow::Result;

use super::{
    pinned::Cores,
    stage::{Memory, Setting, Stage, Start},
};

/// Starts that count.
const ROUNDS: usize = 7;

/// Medians.
#[derive(Debug)]
pub struct Starts {
    /// On a SQLite file.
    pub sqlite: Duration,
    /// On PostgreSQL.
    pub postgres: Duration,
}

/// Both in turn; the first start of each does not count.
pub fn measure(stage: &Stage<'_>) -> Result<Starts> {
    let (mut sqlite, mut postgres) = (Vec::new(), Vec::new());
    let (file, postgresql) = (stage.sqlite()?, stage.postgres());
    for _ in 0..=ROUNDS {
        sqlite.push(once(stage, &file)?);
        postgres.push(once(stage, &postgresql)?);
    }
    Ok(Starts {
        sqlite: median(sqlite),
        postgres: median(postgres),
    })
}

fn once(stage: &Stage<'_>, database: &Setting) -> Result<Duration> {
    // Asked from the first moment on, so before the service can say where it listens.
    let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
    let began = Instant::now();
    let asking = stage
        .peers
        .beside(&["ready", &format!("http://127.0.0.1:{port}")])?;
    let service = stage.start(&Start {
        database: database.clone(),
        memory: Memory::Own,
        cores: Cores::Shared,
        port,
    })?;
    super::peers::answer(asking)?;
    let took = began.elapsed();
    drop(service);
    Ok(took)
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.remove(0);
    times.sort();
    times.get(times.len() / 2).copied().unwrap_or_default()
}
