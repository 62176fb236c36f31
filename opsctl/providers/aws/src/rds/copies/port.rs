//! The port of copies.

use std::sync::Arc;

use async_trait::async_trait;
use opsctl_core::Result;
use opsctl_core::clock::{Clock, Timestamp};
use opsctl_core::engine::Progress;
use opsctl_core::guard::Permit;
use opsctl_core::names::{OperationId, ScratchName};
use opsctl_core::ports::{Copies, Copy, CopyState, Location, RecoveryTarget};

use super::super::instances;
use super::super::site::RdsSite;
use super::fetch::{self, Request};
use super::{adopt, end, start, state};

/// The restored instances of one environment.
pub struct RdsCopies {
    site: Arc<RdsSite>,
    clock: Arc<dyn Clock>,
}

impl RdsCopies {
    /// The copies of that environment's database.
    #[must_use]
    pub fn new(site: Arc<RdsSite>, clock: Arc<dyn Clock>) -> Self {
        Self { site, clock }
    }
}

#[async_trait]
impl Copies for RdsCopies {
    async fn state(&self, name: &ScratchName) -> Result<CopyState> {
        state::state(&self.site, name).await
    }

    async fn fetch(
        &self,
        permit: &Permit<'_>,
        name: &ScratchName,
        target: &RecoveryTarget,
        expires_at: Timestamp,
        progress: &Progress<'_>,
    ) -> Result<()> {
        let request = Request {
            name,
            target,
            expires_at,
        };
        fetch::fetch(&self.site, permit, &request, progress).await
    }

    async fn start(
        &self,
        permit: &Permit<'_>,
        name: &ScratchName,
        progress: &Progress<'_>,
    ) -> Result<Copy> {
        start::start(&self.site, permit, name, self.clock.as_ref(), progress).await
    }

    /// A copy in RDS is not stopped: it would start itself again after a week.
    async fn stop(&self, permit: &Permit<'_>, _: &ScratchName) -> Result<()> {
        permit.check()
    }

    async fn chill(&self, _: &Permit<'_>, _: &ScratchName, _: &RecoveryTarget) -> Result<String> {
        Ok("a restored volume is cold: RDS loads each block from the backup when it is first touched".into())
    }

    async fn adopt(&self, permit: &Permit<'_>, name: &ScratchName) -> Result<Location> {
        adopt::adopt(&self.site, permit, name).await
    }

    async fn disown(&self, permit: &Permit<'_>, name: &ScratchName) -> Result<()> {
        adopt::disown(&self.site, permit, name, self.clock.now(), None).await
    }

    async fn discard(&self, permit: &Permit<'_>, name: &ScratchName) -> Result<()> {
        end::discard(&self.site, permit, name.as_str()).await
    }

    async fn list(&self) -> Result<Vec<(ScratchName, OperationId, Timestamp)>> {
        let found = instances::all(&self.site).await?;
        let copies = found.iter().filter_map(|it| state::scratch(&self.site, it));
        Ok(copies.collect())
    }
}
