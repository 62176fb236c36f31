//! The service's process: started, waited for, stopped in order.

use std::fs::File;
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use opsctl_core::ports::ProcessReport;
use opsctl_core::{Failure, Result};
use rustix::process::{Pid, Signal, kill_process};
use tokio::process::{Child, Command};
use tokio::signal::unix::{SignalKind, signal};

use super::leash::Leash;
use super::secrets;
use crate::session::Session;

const READY_WITHIN: Duration = Duration::from_secs(60);
const STOP_WITHIN: Duration = Duration::from_secs(30);
const GLANCE: Duration = Duration::from_millis(50);

/// The running service.
pub struct Service {
    /// Where it listens.
    pub address: String,
    child: Child,
    _leash: Leash,
    log: std::path::PathBuf,
}

impl Service {
    /// Starts it and waits until it has announced itself.
    ///
    /// # Errors
    /// With the last words of its log when it does not come up.
    pub async fn start(session: &Session, program: &Path, port: u16) -> Result<Self> {
        let log = session.folder.join("app.log");
        let failed = |error: std::io::Error| {
            Failure::failed(format!("can't start {}", program.display()))
                .because(error)
                .hint("cargo build --package app")
        };
        let output = File::create(&log).map_err(failed)?;
        let child = Command::new(program)
            .args(["--role", "all"])
            .env_clear()
            .env("APP_ENV", "development")
            .env("APP_PORT", port.to_string())
            .env("DATABASE_DESCRIPTOR", session.folder.join("database.json"))
            .env("SECRETS_FILE", secrets::file(&session.folder)?)
            .env("STORAGE_DIR", session.folder.join("documents"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(output)
            // A service without its opsctl would hold the port for ever.
            .kill_on_drop(true)
            // Ctrl-C is for opsctl, which then stops the service in order.
            .process_group(0)
            .spawn()
            .map_err(failed)?;
        let leash = Leash::on(child.id().unwrap_or_default()).map_err(failed)?;
        let mut service = Self {
            address: String::new(),
            child,
            _leash: leash,
            log,
        };
        service.address = service.announced(session).await?.address;
        Ok(service)
    }

    async fn announced(&mut self, session: &Session) -> Result<ProcessReport> {
        let world = session.world().await?;
        let begun = Instant::now();
        while begun.elapsed() < READY_WITHIN {
            if let Ok(Some(status)) = self.child.try_wait() {
                return Err(self.failure(&format!("the service ended with {status}")));
            }
            let processes = world.application.processes().await?;
            if let Some(own) = processes
                .into_iter()
                .find(|known| Some(known.pid) == self.child.id())
            {
                return Ok(own);
            }
            tokio::time::sleep(GLANCE).await;
        }
        Err(self.failure("the service did not come up in time"))
    }

    /// Stays until Ctrl-C or SIGTERM, then stops the service in order.
    ///
    /// # Errors
    /// When the service ends by itself.
    pub async fn stay(&mut self) -> Result<()> {
        let failed = |error| Failure::failed("can't listen for signals").because(error);
        let mut interrupt = signal(SignalKind::interrupt()).map_err(failed)?;
        let mut terminate = signal(SignalKind::terminate()).map_err(failed)?;
        tokio::select! {
            _ = interrupt.recv() => self.stop().await,
            _ = terminate.recv() => self.stop().await,
            status = self.child.wait() => {
                let status = status.map_or_else(|error| error.to_string(), |s| s.to_string());
                Err(self.failure(&format!("the service ended by itself: {status}")))
            }
        }
    }

    /// Stops it in order.
    ///
    /// # Errors
    /// When it has not ended in time.
    pub async fn stop(&mut self) -> Result<()> {
        let pid = self
            .child
            .id()
            .and_then(|pid| Pid::from_raw(i32::try_from(pid).ok()?));
        if let Some(pid) = pid {
            // It may have ended this very moment.
            let _ = kill_process(pid, Signal::TERM);
        }
        match tokio::time::timeout(STOP_WITHIN, self.child.wait()).await {
            Ok(_) => Ok(()),
            Err(_) => Err(self.failure("the service did not stop in time and was ended")),
        }
    }

    fn failure(&self, what: &str) -> Failure {
        let text = std::fs::read_to_string(&self.log).unwrap_or_default();
        let last = text.lines().last().unwrap_or("(its log is empty)");
        Failure::failed(what)
            .cause(last.to_owned())
            .left("the database is as it was; run opsctl up again")
            .hint(format!("look at {}", self.log.display()))
    }
}
