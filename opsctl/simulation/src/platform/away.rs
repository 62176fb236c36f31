//! The simulated second place: copies of backups, what is restored there, and calls whose answers are lost.

use std::sync::Arc;

use async_trait::async_trait;
use opsctl_core::clock::Timestamp;
use opsctl_core::engine::{Progress, StepState};
use opsctl_core::guard::Permit;
use opsctl_core::names::{BackupId, OperationId, ScratchName};
use opsctl_core::ports::{
    Abroad, Away, AwayPorts, BackupFinding, BackupRecord, Backups, Copies, Copy, CopyState,
    Location, Part, Readiness, RecoveryTarget, RestoreWindow,
};
use opsctl_core::{Failure, Result};

use super::Platform;
use super::abroad::SimulatedAbroad;
use super::content::SimulatedDatabase;

const HOME: &str = "here";
const PLACE: &str = "there";

/// What lies in the second place.
#[derive(Debug, Default)]
pub(super) struct SimulatedAway {
    pub backups: Vec<(BackupRecord, SimulatedDatabase)>,
    /// What lacks there.
    pub lacking: Vec<Part>,
    /// Whether nothing of the first place answers.
    pub home_is_lost: bool,
    /// So many changes there until an answer is lost.
    pub answers_left: Option<usize>,
    /// How many changes took place there.
    pub changes: usize,
    /// The cluster that stands ready there.
    pub abroad: Option<SimulatedAbroad>,
}

impl Platform {
    /// Copies a backup to the second place.
    ///
    /// # Panics
    /// When there is no such backup.
    pub fn copy_away(&self, id: &BackupId) {
        let mut content = self.content();
        let found = content.backups.iter().find(|(record, _)| record.id == *id);
        let (mut record, database) = found.expect("tests copy what is there").clone();
        record.manifest_sha256 = format!("sum-of-the-copy-of-{id}");
        let away = content.away.get_or_insert_default();
        away.backups.push((record, database));
    }

    /// Loses a copy, as an accident would.
    pub fn forget_copy(&self, id: &BackupId) {
        if let Some(away) = &mut self.content().away {
            away.backups.retain(|(record, _)| record.id != *id);
        }
    }

    /// From now on nothing of the first place answers: neither its backups nor its database.
    pub fn lose_home(&self) {
        let url = self.descriptor().location.url;
        self.change(&url, |live| live.answers = false);
        self.content().away.get_or_insert_default().home_is_lost = true;
    }

    /// Something that a failover needs lacks in the second place.
    pub fn lacks_away(&self, name: &str) {
        let part = Part::lacking(name, "taken away by a test", "put it back");
        let mut content = self.content();
        content.away.get_or_insert_default().lacking.push(part);
    }

    /// The n-th change there from now on, from 0, takes place, and its answer is lost.
    pub fn lose_answer_away(&self, number: usize) {
        let mut content = self.content();
        content.away.get_or_insert_default().answers_left = Some(number);
    }

    /// How many changes took place there.
    #[must_use]
    pub fn changes_away(&self) -> usize {
        self.content().away.as_ref().map_or(0, |away| away.changes)
    }

    pub(super) fn told_away(&self) -> Option<Away> {
        let content = self.content();
        let away = content.away.as_ref()?;
        let records = away.backups.iter().map(|(record, _)| record.clone());
        let mut backups: Vec<BackupRecord> = records.collect();
        backups.sort_by_key(|record| record.recovery_point.taken_at);
        Some(Away {
            place: PLACE.into(),
            backups,
        })
    }

    pub(super) fn away_ports(&self) -> Option<AwayPorts> {
        let abroad = self.content().away.as_ref()?.abroad.clone();
        let there = Arc::new(There(self.clone()));
        Some(AwayPorts {
            home: HOME.into(),
            place: PLACE.into(),
            backups: Arc::clone(&there) as Arc<dyn Backups>,
            copies: Arc::clone(&there) as Arc<dyn Copies>,
            readiness: there,
            abroad: abroad.map(|abroad| Arc::new(abroad) as Arc<dyn Abroad>),
            sizes: None,
        })
    }
}

/// The platform as the second place sees it.
struct There(Platform);

impl There {
    /// A change took place: is its answer lost?
    fn answered<T>(&self, answer: T) -> Result<T> {
        let mut content = self.0.content();
        let Some(away) = &mut content.away else {
            return Ok(answer);
        };
        away.changes += 1;
        match away.answers_left {
            Some(0) => {
                away.answers_left = None;
                Err(Failure::failed("no answer came back"))
            }
            Some(left) => {
                away.answers_left = Some(left - 1);
                Ok(answer)
            }
            None => Ok(answer),
        }
    }
}

#[async_trait]
impl Readiness for There {
    async fn look(&self) -> Vec<Part> {
        let content = self.0.content();
        let lacking = content.away.iter().flat_map(|away| &away.lacking);
        let ready = Part::ready("copies of backups", "simulated");
        lacking.cloned().chain([ready]).collect()
    }
}

#[async_trait]
impl Backups for There {
    async fn list(&self) -> Result<(Vec<BackupRecord>, Vec<(BackupId, BackupFinding)>)> {
        let away = self.0.told_away();
        Ok((away.map_or_else(Vec::new, |away| away.backups), Vec::new()))
    }

    async fn check(&self, id: &BackupId) -> Result<StepState<BackupRecord>> {
        self.0.check_away(id).await
    }

    async fn create(
        &self,
        _: &Permit<'_>,
        id: &BackupId,
        _: &Progress<'_>,
    ) -> Result<BackupRecord> {
        Err(Failure::usage(format!("'{id}' can't be taken there")))
    }

    async fn verify(&self, _: &BackupId, _: &Progress<'_>) -> Result<Vec<BackupFinding>> {
        Ok(Vec::new())
    }

    async fn delete(&self, permit: &Permit<'_>, id: &BackupId) -> Result<()> {
        self.0.delete_away(permit, id).await
    }

    async fn window(&self) -> Result<Option<RestoreWindow>> {
        Ok(None)
    }
}

#[async_trait]
impl Copies for There {
    async fn state(&self, name: &ScratchName) -> Result<CopyState> {
        self.0.state(name).await
    }

    async fn fetch(
        &self,
        permit: &Permit<'_>,
        name: &ScratchName,
        target: &RecoveryTarget,
        expires_at: Timestamp,
        progress: &Progress<'_>,
    ) -> Result<()> {
        let done = self.0.fetch(permit, name, target, expires_at, progress);
        self.answered(done.await?)
    }

    async fn start(
        &self,
        permit: &Permit<'_>,
        name: &ScratchName,
        progress: &Progress<'_>,
    ) -> Result<Copy> {
        self.answered(Copies::start(&self.0, permit, name, progress).await?)
    }

    async fn stop(&self, permit: &Permit<'_>, name: &ScratchName) -> Result<()> {
        Copies::stop(&self.0, permit, name).await
    }

    async fn chill(
        &self,
        permit: &Permit<'_>,
        name: &ScratchName,
        target: &RecoveryTarget,
    ) -> Result<String> {
        self.0.chill(permit, name, target).await
    }

    async fn adopt(&self, permit: &Permit<'_>, name: &ScratchName) -> Result<Location> {
        self.0.adopt(permit, name).await
    }

    async fn disown(&self, permit: &Permit<'_>, name: &ScratchName) -> Result<()> {
        self.0.disown(permit, name).await
    }

    async fn discard(&self, permit: &Permit<'_>, name: &ScratchName) -> Result<()> {
        let done = Copies::discard(&self.0, permit, name);
        self.answered(done.await?)
    }

    async fn list(&self) -> Result<Vec<(ScratchName, OperationId, Timestamp)>> {
        Copies::list(&self.0).await
    }
}
