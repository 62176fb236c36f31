//! The port of copies, on clusters restored on this machine.

use std::sync::Arc;

use async_trait::async_trait;
use opsctl_core::{
    Result,
    clock::{Clock, Timestamp},
    engine::Progress,
    guard::Permit,
    names::{OperationId, ScratchName},
    ports::{Copies, Copy, CopyState, Location, RecoveryTarget},
};

use crate::cluster::restore::{FetchRequest, Restorer};

/// The copies of one environment.
pub struct PostgresCopies {
    restorer: Restorer,
    clock: Arc<dyn Clock>,
}

impl PostgresCopies {
    /// Copies made by `restorer`.
    #[must_use]
    pub fn new(restorer: Restorer, clock: Arc<dyn Clock>) -> Self {
        Self { restorer, clock }
    }
}

#[async_trait]
impl Copies for PostgresCopies {
    async fn state(&self, name: &ScratchName) -> Result<CopyState> {
        self.restorer.state(name)
    }

    async fn fetch(
        &self,
        permit: &Permit<'_>,
        name: &ScratchName,
        target: &RecoveryTarget,
        expires_at: Timestamp,
        progress: &Progress<'_>,
    ) -> Result<()> {
        permit.check()?;
        let request = FetchRequest {
            name: name.clone(),
            owner: permit.operation().clone(),
            target: target.clone(),
            expires_at,
        };
        let meter = |done, total| progress.at(done, total, "bytes");
        self.restorer.fetch(request, &meter).await
    }

    async fn start(
        &self,
        permit: &Permit<'_>,
        name: &ScratchName,
        _progress: &Progress<'_>,
    ) -> Result<Copy> {
        permit.check()?;
        self.restorer.start(name).await
    }

    async fn stop(&self, permit: &Permit<'_>, name: &ScratchName) -> Result<()> {
        permit.check()?;
        self.restorer.stop(name).await
    }

    async fn chill(
        &self,
        permit: &Permit<'_>,
        name: &ScratchName,
        target: &RecoveryTarget,
    ) -> Result<String> {
        permit.check()?;
        self.restorer.chill(name, target).await
    }

    async fn adopt(&self, permit: &Permit<'_>, name: &ScratchName) -> Result<Location> {
        permit.check()?;
        self.restorer.adopt(name).await
    }

    async fn disown(&self, permit: &Permit<'_>, name: &ScratchName) -> Result<()> {
        permit.check()?;
        self.restorer.disown(name, self.clock.now()).await
    }

    async fn discard(&self, permit: &Permit<'_>, name: &ScratchName) -> Result<()> {
        permit.check()?;
        self.restorer.discard(name).await
    }

    async fn list(&self) -> Result<Vec<(ScratchName, OperationId, Timestamp)>> {
        self.restorer.list()
    }
}
