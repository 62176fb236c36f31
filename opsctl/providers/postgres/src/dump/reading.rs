//! `pg_dump` at work: its bytes as they come.

use std::process::Stdio;

use async_trait::async_trait;
use opsctl_core::ports::{Chunks, Location};
use opsctl_core::{Failure, Result};
use tokio::io::AsyncReadExt;
use tokio::process::{Child, ChildStdout};
use tokio::task::JoinHandle;

use super::program::{Tools, failure, last_words, tell, unable};
use super::snapshot::Snapshot;

/// Read at once.
const PIECE: usize = 256 * 1024;

/// The program. It ends when this is dropped; so does the moment that it reads.
pub struct Reading {
    child: Child,
    bytes: ChildStdout,
    words: Option<JoinHandle<Vec<String>>>,
    _moment: Snapshot,
}

impl Reading {
    pub fn begin(tools: &Tools, from: &Location, moment: Snapshot) -> Result<Self> {
        let (mut command, program) = tools.command("pg_dump");
        tell(&mut command, from)?;
        command
            .args([
                "--format=custom",
                "--no-password",
                "--lock-wait-timeout=60s",
            ])
            .args(["--exclude-schema=opsctl_prober"])
            .arg(format!("--snapshot={}", moment.name))
            .stdin(Stdio::null())
            .stdout(Stdio::piped());
        let mut child = command.spawn().map_err(|error| unable(&program, error))?;
        let bytes = child.stdout.take();
        let bytes = bytes.ok_or_else(|| Failure::failed("pg_dump has no output"))?;
        Ok(Self {
            words: child.stderr.take().map(last_words),
            child,
            bytes,
            _moment: moment,
        })
    }

    /// The end of its bytes is the end of a dump only if it says so.
    async fn end(&mut self) -> Result<()> {
        let status = self.child.wait().await;
        let status = status.map_err(|error| Failure::failed("pg_dump is lost").because(error))?;
        if status.success() {
            return Ok(());
        }
        let words = match self.words.take() {
            Some(words) => words.await.unwrap_or_default(),
            None => Vec::new(),
        };
        Err(failure("pg_dump", status, words))
    }
}

#[async_trait]
impl Chunks for Reading {
    async fn next(&mut self) -> Result<Option<Vec<u8>>> {
        let mut piece = vec![0; PIECE];
        let read = self.bytes.read(&mut piece).await;
        let read =
            read.map_err(|error| Failure::failed("can't read from pg_dump").because(error))?;
        if read == 0 {
            return self.end().await.map(|()| None);
        }
        piece.truncate(read);
        Ok(Some(piece))
    }
}
