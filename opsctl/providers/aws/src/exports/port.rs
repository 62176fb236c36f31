//! The port of backups, for exports.

use std::sync::Arc;

use async_trait::async_trait;
use opsctl_core::Result;
use opsctl_core::clock::Clock;
use opsctl_core::engine::{Progress, StepState};
use opsctl_core::guard::Permit;
use opsctl_core::names::BackupId;
use opsctl_core::ports::{BackupFault, BackupFinding, BackupRecord, Backups, Dumps, RestoreWindow};

use super::create;
use super::download::Download;
use super::manifest::Found;
use super::place::{InTheClear, Kept, Place};
use super::upload;
use crate::rds::RdsSite;

/// The exports of one environment.
pub struct S3Exports {
    pub(super) site: Arc<RdsSite>,
    pub(super) dumps: Arc<dyn Dumps>,
    pub(super) clock: Arc<dyn Clock>,
}

impl S3Exports {
    /// Those of that environment, made by `dumps`.
    #[must_use]
    pub fn new(site: Arc<RdsSite>, dumps: Arc<dyn Dumps>, clock: Arc<dyn Clock>) -> Self {
        Self { site, dumps, clock }
    }

    async fn place(&self) -> Result<Place> {
        Place::of(&self.site.aws).await
    }
}

fn finding(fault: BackupFault, file: &str, detail: impl Into<String>) -> BackupFinding {
    BackupFinding {
        fault,
        file: file.to_owned(),
        detail: detail.into(),
    }
}

/// What can be told of an export without reading it.
async fn looked_at(place: &Place, found: &Found) -> Result<Vec<BackupFinding>> {
    let it = &found.manifest;
    let Some(dump) = place.dump(&it.id).await? else {
        return Ok(vec![finding(BackupFault::Missing, "dump", "it is gone")]);
    };
    let mut findings = Vec::new();
    if dump.bytes != it.size_bytes {
        let detail = format!("{} bytes instead of {}", dump.bytes, it.size_bytes);
        findings.push(finding(BackupFault::Size, "dump", detail));
    }
    if !dump.encrypted && place.in_the_clear == InTheClear::Refused {
        findings.push(finding(
            BackupFault::Record,
            "dump",
            "it lies there in the clear",
        ));
    }
    Ok(findings)
}

/// The manifest, or what is wrong with it.
async fn manifest(
    place: &Place,
    id: &BackupId,
) -> Result<std::result::Result<Box<Found>, BackupFinding>> {
    Ok(match place.manifest(id).await? {
        Kept::Manifest(found) => Ok(found),
        Kept::Nothing => Err(finding(BackupFault::Missing, "manifest.json", "it is gone")),
        Kept::Unreadable(why) => Err(finding(BackupFault::Record, "manifest.json", why)),
    })
}

async fn is_made(place: &Place, id: &BackupId) -> Result<bool> {
    Ok(!upload::begun_of(place, id).await?.is_empty())
}

#[async_trait]
impl Backups for S3Exports {
    async fn list(&self) -> Result<(Vec<BackupRecord>, Vec<(BackupId, BackupFinding)>)> {
        let place = self.place().await?;
        let (mut records, mut broken) = (Vec::new(), Vec::new());
        for id in place.owners().await? {
            match manifest(&place, &id).await? {
                Err(finding) => broken.push((id, finding)),
                Ok(found) => match looked_at(&place, &found).await?.into_iter().next() {
                    None => records.push(found.record()),
                    // All of its parts are there and not put together: one that is being made is none yet.
                    Some(it)
                        if it.fault == BackupFault::Missing && is_made(&place, &id).await? => {}
                    Some(finding) => broken.push((id, finding)),
                },
            }
        }
        records.sort_by_key(|it| (it.recovery_point.taken_at, it.id.clone()));
        Ok((records, broken))
    }

    async fn check(&self, id: &BackupId) -> Result<StepState<BackupRecord>> {
        let place = self.place().await?;
        Ok(match place.manifest(id).await? {
            Kept::Nothing => StepState::Absent,
            Kept::Unreadable(why) => StepState::Unknown(format!("export '{id}': {why}")),
            Kept::Manifest(found) if found.manifest.environment != self.site.environment => {
                StepState::Foreign(format!("export '{id}' is another environment's"))
            }
            Kept::Manifest(found) => match place.dump(id).await? {
                Some(dump) if dump.bytes == found.manifest.size_bytes => {
                    StepState::Done(found.record())
                }
                _ => StepState::InFlight,
            },
        })
    }

    async fn create(
        &self,
        permit: &Permit<'_>,
        id: &BackupId,
        progress: &Progress<'_>,
    ) -> Result<BackupRecord> {
        create::create(self, permit, id, progress).await
    }

    async fn verify(&self, id: &BackupId, progress: &Progress<'_>) -> Result<Vec<BackupFinding>> {
        let place = self.place().await?;
        let found = match manifest(&place, id).await? {
            Ok(found) => found,
            Err(finding) => return Ok(vec![finding]),
        };
        let mut findings = looked_at(&place, &found).await?;
        if !findings.is_empty() {
            return Ok(findings);
        }
        progress.note("restores it into a server of its own, which is gone afterwards");
        let facts = &found.manifest.facts;
        let (download, sum) = Download::begin(&place, id).await?;
        let differences = self.dumps.try_out(Box::new(download), facts).await?;
        let (bytes, sha256) = sum.told();
        if (bytes, &sha256) != (found.manifest.size_bytes, &found.manifest.sha256) {
            let detail = "its content is not what was written";
            findings.push(finding(BackupFault::Checksum, "dump", detail));
        }
        let differs = |detail: String| finding(BackupFault::Record, "dump", detail);
        findings.extend(differences.into_iter().map(differs));
        Ok(findings)
    }

    async fn glance(&self, id: &BackupId, _: &Progress<'_>) -> Result<Vec<BackupFinding>> {
        let place = self.place().await?;
        match manifest(&place, id).await? {
            Ok(found) => looked_at(&place, &found).await,
            Err(finding) => Ok(vec![finding]),
        }
    }

    async fn delete(&self, permit: &Permit<'_>, id: &BackupId) -> Result<()> {
        permit.check()?;
        self.place().await?.delete(id).await
    }

    async fn window(&self) -> Result<Option<RestoreWindow>> {
        Ok(None)
    }
}
