//! The port of replicas.

use std::sync::Arc;

use async_trait::async_trait;
use opsctl_core::Result;
use opsctl_core::clock::Clock;
use opsctl_core::engine::Progress;
use opsctl_core::guard::Permit;
use opsctl_core::names::ScratchName;
use opsctl_core::ports::{Copy, Following, LogPositions, Position, ReplicaState, Replicas};

use super::super::site::RdsSite;
use super::{follow, open, state};

/// The replicas of one environment.
pub struct RdsReplicas {
    pub(super) site: Arc<RdsSite>,
    pub(super) positions: Arc<dyn LogPositions>,
    pub(super) clock: Arc<dyn Clock>,
}

impl RdsReplicas {
    /// Replicas of that environment's database, whose `positions` tell how far they are.
    #[must_use]
    pub fn new(
        site: Arc<RdsSite>,
        positions: Arc<dyn LogPositions>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self {
            site,
            positions,
            clock,
        }
    }
}

#[async_trait]
impl Replicas for RdsReplicas {
    async fn possible(&self) -> Result<()> {
        let serving = self.site.serving().await?;
        follow::possible(&self.site, &serving.instance)
    }

    async fn state(&self, name: &ScratchName) -> Result<ReplicaState> {
        state::state(&self.site, name).await
    }

    async fn follow(
        &self,
        permit: &Permit<'_>,
        wanted: &Following,
        progress: &Progress<'_>,
    ) -> Result<Position> {
        follow::follow(self, permit, wanted, progress).await
    }

    async fn caught_up(&self, name: &ScratchName) -> Result<Position> {
        open::caught_up(self, name).await
    }

    async fn open(
        &self,
        permit: &Permit<'_>,
        name: &ScratchName,
        progress: &Progress<'_>,
    ) -> Result<Copy> {
        open::open(self, permit, name, progress).await
    }
}
