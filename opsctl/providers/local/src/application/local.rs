//! [`Application`] over presence files and child processes.

use std::path::{Path, PathBuf};

use async_trait::async_trait;
use opsctl_core::Result;
use opsctl_core::guard::Permit;
use opsctl_core::ports::{Application, ProbeAnswer, ProbeRequest, ProcessReport};

use super::presence;
use super::probe::Probe;

/// The application of one local environment.
#[derive(Debug, Clone)]
pub struct LocalApplication {
    folder: PathBuf,
    binary: PathBuf,
}

impl LocalApplication {
    /// The application whose descriptor lies in `folder`; `binary` is the program that a probe runs.
    pub fn new(folder: impl Into<PathBuf>, binary: impl Into<PathBuf>) -> Self {
        Self {
            folder: folder.into(),
            binary: binary.into(),
        }
    }

    /// The program that lies beside the given one: `app` beside `opsctl`.
    #[must_use]
    pub fn binary_beside(opsctl: &Path) -> PathBuf {
        opsctl.with_file_name("app")
    }
}

#[async_trait]
impl Application for LocalApplication {
    async fn processes(&self) -> Result<Vec<ProcessReport>> {
        presence::living(&self.folder.join("processes"), &self.binary)
    }

    async fn probe(&self, permit: &Permit<'_>, request: &ProbeRequest) -> Result<ProbeAnswer> {
        permit.check()?;
        let traces = self.folder.join("probes");
        let mut probe =
            Probe::start(&self.binary, &traces, permit.operation(), &request.location).await?;
        let answer = probe.ask(request.user_id).await;
        probe.stop().await?;
        answer
    }
}
