//! Reads at a fixed rate, while nobody else asks and while many log in.

use anyhow::{Context, Result};
use serde_json::Value;

use super::{
    peers,
    pinned::Cores,
    stage::{Memory, Stage, Start},
};

/// Reads a second.
const RATE: &str = "200";
/// Of each half.
const SECONDS: u32 = 15;

/// The waits of the reads in milliseconds.
#[derive(Debug)]
pub struct Storm {
    /// 99 of 100 reads were quicker, while nobody logged in.
    pub idle: f64,
    /// The same during the storm.
    pub storm: f64,
    /// Reads that failed in either half.
    pub failed: u64,
    /// How many logged in during the storm, and how many were told to come later.
    pub log_ins: (u64, u64),
}

/// One half after the other, on a service that has every core.
pub fn measure(stage: &Stage<'_>) -> Result<Storm> {
    let server = stage.start(&Start {
        database: stage.postgres(),
        memory: Memory::Own,
        cores: Cores::Shared,
        port: 0,
    })?;
    let visitor = stage.peers.visitor(&server.url)?;
    let url = format!("{}/api/users/{}", server.url, visitor.user);
    let seconds = SECONDS.to_string();
    let read = || {
        stage
            .peers
            .run(&["paced", &url, &visitor.token, RATE, &seconds])
    };
    let idle = read()?;
    let longer = (SECONDS + 1).to_string();
    let storm = stage
        .peers
        .beside(&["storm", &server.url, &visitor.email, &longer])?;
    let stormy = read()?;
    let log_ins = peers::answer(storm)?;
    let number = |answer: &Value, name: &str| answer[name].as_u64().context("a client's answer");
    Ok(Storm {
        idle: idle["p99"].as_f64().context("p99")?,
        storm: stormy["p99"].as_f64().context("p99")?,
        failed: number(&idle, "failed")? + number(&stormy, "failed")?,
        log_ins: (number(&log_ins, "let_in")?, number(&log_ins, "put_off")?),
    })
}
