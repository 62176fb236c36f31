//! One probe: the application on a copy, read-only, for one question.

use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use opsctl_core::names::OperationId;
use opsctl_core::ports::{Location, ProbeAnswer};
use opsctl_core::{Failure, Result};
use rustix::process::{Pid, Signal, kill_process};
use tokio::process::{Child, Command};
use uuid::Uuid;

use super::traces::Traces;
use super::{announcement, question};

/// From the start of the process to ready.
pub const READY_WITHIN: Duration = Duration::from_secs(60);
/// From the request to stop to the end.
const STOP_WITHIN: Duration = Duration::from_secs(10);

/// A probe that runs.
pub struct Probe {
    child: Child,
    address: String,
    secret: String,
    started: Instant,
    traces: Traces,
}

impl Probe {
    /// Starts it on the copy at `location`; ends what a dead run of the same operation left running.
    pub async fn start(
        binary: &Path,
        folder: &Path,
        operation: &OperationId,
        location: &Location,
    ) -> Result<Self> {
        let traces = Traces::clear(folder, operation, binary)
            .map_err(|error| Failure::failed("can't prepare the probe's folder").because(error))?;
        let secret = format!("{}{}", Uuid::new_v4().simple(), Uuid::new_v4().simple());
        traces.write_secrets(location, &secret)?;
        let started = Instant::now();
        let mut child = command(binary, &traces)
            .spawn()
            .map_err(|error| cannot_start(binary, &error))?;
        if let Some(pid) = child.id() {
            traces
                .note(pid)
                .map_err(|error| Failure::failed("can't note the probe").because(error))?;
        }
        let address = announcement::wait(&mut child).await?;
        Ok(Self {
            child,
            address,
            secret,
            started,
            traces,
        })
    }

    /// Waits until it is ready, then reads the user's profile as that user.
    pub async fn ask(&mut self, user_id: Uuid) -> Result<ProbeAnswer> {
        let left = READY_WITHIN.saturating_sub(self.started.elapsed());
        question::ready(&self.address, left).await?;
        let ready_seconds = self.started.elapsed().as_secs_f64();
        let token = question::token(&self.secret, user_id)?;
        let path = format!("/api/users/{user_id}");
        let (status, body) = question::get(&self.address, &path, Some(&token)).await?;
        Ok(ProbeAnswer {
            status,
            body,
            ready_seconds,
        })
    }

    /// Stops it: the copy's files are closed when this returns.
    pub async fn stop(mut self) -> Result<()> {
        let pid = self.child.id().and_then(|pid| i32::try_from(pid).ok());
        if let Some(pid) = pid.and_then(Pid::from_raw) {
            let _ended_by_itself = kill_process(pid, Signal::TERM);
        }
        if tokio::time::timeout(STOP_WITHIN, self.child.wait())
            .await
            .is_err()
        {
            self.child
                .kill()
                .await
                .map_err(|error| Failure::failed("can't stop the probe").because(error))?;
        }
        self.traces.remove();
        Ok(())
    }
}

fn command(binary: &Path, traces: &Traces) -> Command {
    let mut command = Command::new(binary);
    command
        .args(["--role", "probe"])
        .env_clear()
        .env("APP_ENV", "development")
        .env("APP_HOST", "127.0.0.1")
        .env("APP_PORT", "0")
        .env("DATABASE_POOL_SIZE", "2")
        .env("LOG_LEVEL", "INFO")
        .env("SECRETS_FILE", traces.secrets())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    command
}

fn cannot_start(binary: &Path, error: &std::io::Error) -> Failure {
    Failure::failed(format!(
        "can't start the application '{}'",
        binary.display()
    ))
    .because(std::io::Error::new(error.kind(), error.to_string()))
    .hint("cargo build --package app")
}
