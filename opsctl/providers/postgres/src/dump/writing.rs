//! `pg_restore` at work: it is handed the bytes as they come.

use std::process::Stdio;

use opsctl_core::ports::Chunks;
use opsctl_core::{Failure, Result};
use tokio::io::AsyncWriteExt;

use super::program::{Tools, last_words, unable};
use super::trial::Trial;

/// What came of it.
pub enum Written {
    /// It is there.
    Whole,
    /// The program refused it, in its own words.
    Refused(Vec<String>),
}

/// Restores what comes into the trial's database.
pub async fn write(tools: &Tools, trial: &Trial, mut dump: Box<dyn Chunks>) -> Result<Written> {
    let (mut command, program) = tools.command("pg_restore");
    command
        .args([
            "--exit-on-error",
            "--no-owner",
            "--no-privileges",
            "--no-password",
        ])
        .arg(format!("--dbname={}", trial.url()))
        .stdin(Stdio::piped())
        .stdout(Stdio::null());
    let mut child = command.spawn().map_err(|error| unable(&program, error))?;
    let words = child.stderr.take().map(last_words);
    let mut input = child.stdin.take();
    while let Some(piece) = dump.next().await? {
        let Some(pipe) = &mut input else { continue };
        if pipe.write_all(&piece).await.is_err() {
            // It has given up; why, it says below. The rest is read all the same: its sum counts.
            input = None;
        }
    }
    if let Some(mut pipe) = input {
        // One that is gone says why as well.
        let _ = pipe.shutdown().await;
    }
    let status = child.wait().await;
    let status = status.map_err(|error| Failure::failed("pg_restore is lost").because(error))?;
    let words = match words {
        Some(words) => words.await.unwrap_or_default(),
        None => Vec::new(),
    };
    Ok(match status.success() {
        true => Written::Whole,
        false => {
            let mut told = vec![format!("pg_restore refuses it ({status})")];
            told.extend(words);
            Written::Refused(told)
        }
    })
}
