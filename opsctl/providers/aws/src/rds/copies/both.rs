//! Restored instances in both regions: made in the first, found wherever they are, so that nothing that is billed is forgotten. A
//! region that says nothing keeps nobody from the other.

use std::sync::Arc;

use async_trait::async_trait;
use opsctl_core::Result;
use opsctl_core::clock::Timestamp;
use opsctl_core::engine::Progress;
use opsctl_core::guard::Permit;
use opsctl_core::names::{OperationId, ScratchName};
use opsctl_core::ports::{Copies, Copy, CopyState, Location, RecoveryTarget};

use super::RdsCopies;
use crate::account::{Aws, Side};

/// The copies at home, and those in the backup region.
pub struct RdsCopiesInBoth {
    aws: Aws,
    home: Arc<RdsCopies>,
    away: Arc<RdsCopies>,
}

impl RdsCopiesInBoth {
    /// Both.
    #[must_use]
    pub const fn new(aws: Aws, home: Arc<RdsCopies>, away: Arc<RdsCopies>) -> Self {
        Self { aws, home, away }
    }
}

#[async_trait]
impl Copies for RdsCopiesInBoth {
    async fn state(&self, name: &ScratchName) -> Result<CopyState> {
        let here = self.home.state(name);
        let here = self.aws.heard(Side::Home, "a copy is looked for", here);
        let here = here.await;
        match here {
            Ok(CopyState::Absent) | Err(_) => match self.away.state(name).await {
                Ok(CopyState::Absent) | Err(_) => here,
                there => there,
            },
            found => found,
        }
    }

    async fn fetch(
        &self,
        permit: &Permit<'_>,
        name: &ScratchName,
        target: &RecoveryTarget,
        expires_at: Timestamp,
        progress: &Progress<'_>,
    ) -> Result<()> {
        let home = &self.home;
        home.fetch(permit, name, target, expires_at, progress).await
    }

    async fn start(
        &self,
        permit: &Permit<'_>,
        name: &ScratchName,
        progress: &Progress<'_>,
    ) -> Result<Copy> {
        self.home.start(permit, name, progress).await
    }

    async fn stop(&self, permit: &Permit<'_>, name: &ScratchName) -> Result<()> {
        self.home.stop(permit, name).await
    }

    async fn chill(
        &self,
        permit: &Permit<'_>,
        name: &ScratchName,
        target: &RecoveryTarget,
    ) -> Result<String> {
        self.home.chill(permit, name, target).await
    }

    async fn adopt(&self, permit: &Permit<'_>, name: &ScratchName) -> Result<Location> {
        self.home.adopt(permit, name).await
    }

    async fn disown(&self, permit: &Permit<'_>, name: &ScratchName) -> Result<()> {
        self.home.disown(permit, name).await
    }

    async fn discard(&self, permit: &Permit<'_>, name: &ScratchName) -> Result<()> {
        match self.away.state(name).await {
            Ok(CopyState::Absent | CopyState::Foreign(_)) | Err(_) => {
                self.home.discard(permit, name).await
            }
            Ok(_) => self.away.discard(permit, name).await,
        }
    }

    async fn list(&self) -> Result<Vec<(ScratchName, OperationId, Timestamp)>> {
        let here = self.home.list();
        let here = self.aws.heard(Side::Home, "copies are listed", here);
        match (here.await, self.away.list().await) {
            (Ok(here), Ok(there)) => Ok([here, there].concat()),
            (Ok(some), Err(_)) | (Err(_), Ok(some)) => Ok(some),
            (Err(failure), Err(_)) => Err(failure),
        }
    }
}
