//! The port of replicas, on clusters of this machine.

use async_trait::async_trait;
use opsctl_core::{
    Result,
    engine::Progress,
    guard::Permit,
    names::ScratchName,
    ports::{Copy, Following, Position, ReplicaState, Replicas},
};

use crate::cluster::restore::{FollowRequest, Restorer};

/// The replicas of one environment.
pub struct PostgresReplicas {
    restorer: Restorer,
}

impl PostgresReplicas {
    /// Replicas made by `restorer`.
    #[must_use]
    pub const fn new(restorer: Restorer) -> Self {
        Self { restorer }
    }
}

#[async_trait]
impl Replicas for PostgresReplicas {
    async fn possible(&self) -> Result<()> {
        Ok(())
    }

    async fn state(&self, name: &ScratchName) -> Result<ReplicaState> {
        self.restorer.replica(name)
    }

    async fn follow(
        &self,
        permit: &Permit<'_>,
        wanted: &Following,
        progress: &Progress<'_>,
    ) -> Result<Position> {
        permit.check()?;
        let request = FollowRequest {
            name: wanted.name.clone(),
            owner: permit.operation().clone(),
            source: wanted.source,
            expires_at: wanted.expires_at,
        };
        let meter = |done, total| progress.at(done, total, "bytes");
        self.restorer.follow(request, &meter).await
    }

    async fn caught_up(&self, name: &ScratchName) -> Result<Position> {
        self.restorer.caught_up(name).await
    }

    async fn open(
        &self,
        permit: &Permit<'_>,
        name: &ScratchName,
        _: &Progress<'_>,
    ) -> Result<Copy> {
        permit.check()?;
        self.restorer.open_replica(name).await
    }
}
