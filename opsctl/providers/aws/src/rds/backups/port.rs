//! The port of backups.

use std::sync::Arc;

use async_trait::async_trait;
use aws_sdk_rds::types::DbSnapshot;
use opsctl_core::engine::{Progress, StepState};
use opsctl_core::guard::Permit;
use opsctl_core::names::BackupId;
use opsctl_core::ports::{Away, BackupFault, BackupFinding, BackupRecord, Backups, RestoreWindow};
use opsctl_core::{Failure, Result};

use super::super::refusals;
use super::super::site::RdsSite;
use super::super::tags::OPERATION;
use super::create::{self, remove};
use super::record::Known;
use super::snapshots::{self, find};
use super::{away, sorted};
use crate::account::Side;
use crate::moments;

/// The snapshots of one environment.
pub struct RdsBackups {
    site: Arc<RdsSite>,
}

impl RdsBackups {
    /// The backups of that environment's database.
    #[must_use]
    pub const fn new(site: Arc<RdsSite>) -> Self {
        Self { site }
    }

    async fn known(&self) -> Result<Known> {
        let serving = self.site.serving_if_any().await?;
        Ok(Known::of(&self.site.environment, serving.as_ref()))
    }

    async fn every(&self) -> Result<(Vec<BackupRecord>, Vec<(BackupId, BackupFinding)>)> {
        let known = self.known().await?;
        let (mut records, mut findings) = (Vec::new(), Vec::new());
        for snapshot in snapshots::all(&self.site, Side::Home).await? {
            // One that is being taken is not complete.
            if !known.owns(&snapshot) || snapshots::status(&snapshot) == "creating" {
                continue;
            }
            match (known.record(&snapshot), snapshots::backup(&snapshot)) {
                (Ok(record), _) => records.push(record),
                (Err(finding), Some(id)) => findings.push((id, finding)),
                (Err(_), None) => {}
            }
        }
        Ok((sorted(records), findings))
    }

    async fn record(&self, found: &DbSnapshot) -> Result<BackupRecord> {
        let record = self.known().await?.record(found);
        record.map_err(|finding| Failure::failed(finding.detail))
    }
}

#[async_trait]
impl Backups for RdsBackups {
    async fn list(&self) -> Result<(Vec<BackupRecord>, Vec<(BackupId, BackupFinding)>)> {
        let aws = &self.site.aws;
        aws.heard(Side::Home, "the backups are listed", Box::pin(self.every()))
            .await
    }

    async fn check(&self, id: &BackupId) -> Result<StepState<BackupRecord>> {
        let Some(found) = find(&self.site, id).await? else {
            return Ok(StepState::Absent);
        };
        let known = self.known().await?;
        let taken_by_us = snapshots::tags(&found).is(OPERATION, id.as_str());
        if !known.owns(&found) {
            return Ok(StepState::Foreign(format!(
                "snapshot '{id}' belongs to something else"
            )));
        }
        Ok(match (snapshots::status(&found), known.record(&found)) {
            // A failed one is cleared away by whoever takes it again.
            ("creating" | "failed", _) if taken_by_us => StepState::InFlight,
            (_, Ok(record)) => StepState::Done(record),
            (_, Err(finding)) => StepState::Unknown(finding.detail),
        })
    }

    async fn create(
        &self,
        permit: &Permit<'_>,
        id: &BackupId,
        progress: &Progress<'_>,
    ) -> Result<BackupRecord> {
        let taken = create::create(&self.site, permit, id, progress).await?;
        self.record(&taken).await
    }

    /// What can be told without restoring: that it is there, whole by RDS's word, and knows whose it is. What is in it a drill proves.
    async fn verify(&self, id: &BackupId, progress: &Progress<'_>) -> Result<Vec<BackupFinding>> {
        let found = find(&self.site, id).await?;
        progress.at(1, 1, "snapshots");
        let Some(found) = found else {
            return Ok(vec![BackupFinding {
                fault: BackupFault::Missing,
                file: snapshots::identifier(id),
                detail: "RDS has no such snapshot".into(),
            }]);
        };
        Ok(self
            .known()
            .await?
            .record(&found)
            .err()
            .into_iter()
            .collect())
    }

    async fn delete(&self, permit: &Permit<'_>, id: &BackupId) -> Result<()> {
        if self.keeps_itself(id) {
            return Err(
                Failure::refused(format!("backup '{id}' was taken by RDS itself"))
                    .cause("it goes with the instance's retention period, and never by hand")
                    .left("nothing was changed"),
            );
        }
        permit.check()?;
        remove(&self.site, id).await
    }

    fn keeps_itself(&self, id: &BackupId) -> bool {
        snapshots::is_automated(id)
    }

    async fn away(&self) -> Result<Option<Away>> {
        away::list(&self.site).await.map(Some)
    }

    async fn check_away(&self, id: &BackupId) -> Result<StepState<BackupRecord>> {
        away::check(&self.site, id).await
    }

    async fn copy_away(
        &self,
        permit: &Permit<'_>,
        id: &BackupId,
        progress: &Progress<'_>,
    ) -> Result<BackupRecord> {
        let found = find(&self.site, id).await?;
        let found = found.ok_or_else(|| Failure::failed(format!("backup '{id}' is gone")))?;
        let record = self.record(&found).await?;
        away::copy(&self.site, permit, (&found, &record), progress).await
    }

    async fn delete_away(&self, permit: &Permit<'_>, id: &BackupId) -> Result<()> {
        away::delete(&self.site, permit, id).await
    }

    async fn window(&self) -> Result<Option<RestoreWindow>> {
        let Some(serving) = self.site.serving_if_any().await? else {
            return Ok(None);
        };
        let client = self.site.client().await?;
        let asked = client
            .describe_db_instance_automated_backups()
            .set_dbi_resource_id(serving.instance.dbi_resource_id);
        let told = match asked.send().await {
            Ok(told) => told,
            Err(error) if refusals::is(&error, "DBInstanceAutomatedBackupNotFound") => {
                return Ok(None);
            }
            Err(error) => return Err(refusals::of("can't look at the restore window", &error)),
        };
        let window = told.db_instance_automated_backups().iter().find_map(|it| {
            let window = it.restore_window()?;
            let from = moments::told(window.earliest_time())?;
            Some((from, moments::told(window.latest_time())?))
        });
        Ok(window.map(|(from, to)| RestoreWindow {
            from,
            to,
            gaps: Vec::new(),
        }))
    }
}
