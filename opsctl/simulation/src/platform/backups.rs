//! The simulated backups.

use async_trait::async_trait;
use opsctl_core::clock::Clock;
use opsctl_core::engine::{Progress, StepState};
use opsctl_core::guard::Permit;
use opsctl_core::names::BackupId;
use opsctl_core::ports::{
    Away, BackupFault, BackupFinding, BackupRecord, Backups, Engine, RecoveryPoint, RestoreWindow,
};
use opsctl_core::{Failure, Result};

use super::Platform;

impl Platform {
    /// Takes a backup of the live database, now.
    ///
    /// # Panics
    /// When the name is not valid.
    #[must_use]
    pub fn back_up(&self, id: &str) -> BackupId {
        let id = BackupId::new(id).expect("tests use valid names");
        let (record, live) = (self.record_of(&id), self.live());
        self.content().backups.push((record, live));
        id
    }

    /// What a backup of the live database says of itself, now.
    pub(super) fn record_of(&self, id: &BackupId) -> BackupRecord {
        let live = self.live();
        let now = self.clock.now();
        BackupRecord {
            id: id.clone(),
            engine: Engine::Sqlite,
            recovery_point: RecoveryPoint {
                taken_at: now,
                newest_heartbeat: live.heartbeat,
            },
            completed_at: now,
            size_bytes: 4096,
            schema_version: live.schema_version,
            instance_id: live.identity.instance_id,
            lineage_id: live.identity.lineage_id,
            engine_version: "simulated".into(),
            manifest_sha256: format!("sum-of-{id}"),
        }
    }

    /// Damages the backup of that name, or the one that will have it.
    ///
    /// # Panics
    /// When the name is not valid.
    pub fn damage(&self, id: &str) {
        let id = BackupId::new(id).expect("tests use valid names");
        self.content().damaged.insert(id);
    }

    /// Loses a backup, as an accident would.
    pub fn lose_backup(&self, id: &str) {
        let mut content = self.content();
        content
            .backups
            .retain(|(record, _)| record.id.as_str() != id);
    }
}

#[async_trait]
impl Backups for Platform {
    async fn list(&self) -> Result<(Vec<BackupRecord>, Vec<(BackupId, BackupFinding)>)> {
        let content = self.content();
        if content.away.as_ref().is_some_and(|away| away.home_is_lost) {
            return Err(Failure::failed("the first place does not answer"));
        }
        let mut records: Vec<BackupRecord> = content
            .backups
            .iter()
            .map(|(record, _)| record.clone())
            .collect();
        records.sort_by_key(|record| record.recovery_point.taken_at);
        Ok((records, Vec::new()))
    }

    async fn check(&self, id: &BackupId) -> Result<StepState<BackupRecord>> {
        let content = self.content();
        let found = content.backups.iter().find(|(record, _)| record.id == *id);
        Ok(found.map_or(StepState::Absent, |(record, _)| {
            StepState::Done(record.clone())
        }))
    }

    async fn create(
        &self,
        permit: &Permit<'_>,
        id: &BackupId,
        _: &Progress<'_>,
    ) -> Result<BackupRecord> {
        permit.check()?;
        let id = self.back_up(id.as_str());
        match self.check(&id).await? {
            StepState::Done(record) => Ok(record),
            _ => Err(Failure::failed("the backup is gone")),
        }
    }

    async fn verify(&self, id: &BackupId, _: &Progress<'_>) -> Result<Vec<BackupFinding>> {
        let damage = BackupFinding {
            fault: BackupFault::Checksum,
            file: "app.sqlite3".into(),
            detail: "damaged by a test".into(),
        };
        let damaged = self.content().damaged.contains(id);
        Ok(damaged.then_some(damage).into_iter().collect())
    }

    async fn delete(&self, permit: &Permit<'_>, id: &BackupId) -> Result<()> {
        permit.check()?;
        self.content()
            .backups
            .retain(|(record, _)| record.id != *id);
        Ok(())
    }

    async fn away(&self) -> Result<Option<Away>> {
        Ok(self.told_away())
    }

    async fn check_away(&self, id: &BackupId) -> Result<StepState<BackupRecord>> {
        let away = self.told_away();
        let copies = away.into_iter().flat_map(|away| away.backups);
        let found = copies.into_iter().find(|record| record.id == *id);
        Ok(found.map_or(StepState::Absent, StepState::Done))
    }

    async fn delete_away(&self, permit: &Permit<'_>, id: &BackupId) -> Result<()> {
        permit.check()?;
        if let Some(away) = &mut self.content().away {
            away.backups.retain(|(record, _)| record.id != *id);
        }
        Ok(())
    }

    async fn window(&self) -> Result<Option<RestoreWindow>> {
        Ok(self.content().window.clone())
    }
}
