//! The copies in the backup region, as backups: what is restored there when the first region is lost. Asks that region alone.

use std::sync::Arc;

use async_trait::async_trait;
use opsctl_core::engine::{Progress, StepState};
use opsctl_core::guard::Permit;
use opsctl_core::names::BackupId;
use opsctl_core::ports::{BackupFault, BackupFinding, BackupRecord, Backups, RestoreWindow};
use opsctl_core::{Failure, Result};

use super::super::site::RdsSite;
use super::away;

/// The copies of one environment's backups.
pub struct RdsCopiedBackups {
    site: Arc<RdsSite>,
}

impl RdsCopiedBackups {
    /// The copies that lie in the site's region.
    #[must_use]
    pub const fn new(site: Arc<RdsSite>) -> Self {
        Self { site }
    }
}

#[async_trait]
impl Backups for RdsCopiedBackups {
    async fn list(&self) -> Result<(Vec<BackupRecord>, Vec<(BackupId, BackupFinding)>)> {
        Ok((away::list(&self.site).await?.backups, Vec::new()))
    }

    async fn check(&self, id: &BackupId) -> Result<StepState<BackupRecord>> {
        away::check(&self.site, id).await
    }

    async fn create(
        &self,
        _: &Permit<'_>,
        id: &BackupId,
        _: &Progress<'_>,
    ) -> Result<BackupRecord> {
        let what = format!("backup '{id}' can't be taken in the backup region");
        Err(Failure::usage(what).hint("opsctl backup create, then opsctl backup copy"))
    }

    /// What can be told without restoring: that it is there, and whole by RDS's word.
    async fn verify(&self, id: &BackupId, progress: &Progress<'_>) -> Result<Vec<BackupFinding>> {
        let found = away::check(&self.site, id).await?;
        progress.at(1, 1, "snapshots");
        let fault = |fault, detail: &str| BackupFinding {
            fault,
            file: away::name(id),
            detail: detail.to_owned(),
        };
        Ok(match found {
            StepState::Done(_) => Vec::new(),
            StepState::Absent => vec![fault(BackupFault::Missing, "RDS has no such snapshot")],
            _ => vec![fault(BackupFault::Record, "it is no complete copy")],
        })
    }

    async fn delete(&self, permit: &Permit<'_>, id: &BackupId) -> Result<()> {
        away::delete(&self.site, permit, id).await
    }

    /// Nobody ships the log there.
    async fn window(&self) -> Result<Option<RestoreWindow>> {
        Ok(None)
    }
}
