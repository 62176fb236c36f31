//! The simulated copies.

use async_trait::async_trait;
use opsctl_core::clock::Timestamp;
use opsctl_core::engine::Progress;
use opsctl_core::guard::Permit;
use opsctl_core::names::{LineageId, OperationId, ScratchName};
use opsctl_core::ports::{
    Copies, Copy, CopyState, DatabaseIdentity, DatabaseRole, Effects, Location, RecoveryTarget,
};
use opsctl_core::{Failure, Result};

use super::Platform;
use super::content::{SimulatedCopy, Stage, location};

pub(super) fn url(name: &ScratchName) -> String {
    format!("sqlite:/copies/{name}/app.sqlite3")
}

pub(super) fn gone(name: &ScratchName) -> Failure {
    Failure::failed(format!("there is no copy '{name}'"))
}

#[async_trait]
impl Copies for Platform {
    async fn state(&self, name: &ScratchName) -> Result<CopyState> {
        let content = self.content();
        Ok(match content.copies.get(name).map(|copy| &copy.stage) {
            None => CopyState::Absent,
            Some(Stage::Fetched) => CopyState::Fetched,
            Some(Stage::Running(copy)) => CopyState::Running(copy.clone()),
        })
    }

    async fn fetch(
        &self,
        permit: &Permit<'_>,
        name: &ScratchName,
        target: &RecoveryTarget,
        expires_at: Timestamp,
        _: &Progress<'_>,
    ) -> Result<()> {
        permit.check()?;
        let copy = SimulatedCopy {
            stage: Stage::Fetched,
            target: Some(target.clone()),
            follows: None,
            owner: permit.operation().clone(),
            expires_at,
            adopted: false,
        };
        self.content().copies.insert(name.clone(), copy);
        Ok(())
    }

    async fn start(
        &self,
        permit: &Permit<'_>,
        name: &ScratchName,
        _: &Progress<'_>,
    ) -> Result<Copy> {
        permit.check()?;
        let mut content = self.content();
        let entry = content.copies.get(name).ok_or_else(|| gone(name))?;
        if let Stage::Running(copy) = &entry.stage {
            return Ok(copy.clone());
        }
        let target = entry.target.clone().ok_or_else(|| gone(name))?;
        let copied = content.away.iter().flat_map(|away| &away.backups);
        let backup = content
            .backups
            .iter()
            .chain(copied)
            .find(|(record, _)| record.id == *target.backup());
        let (record, mut database) = backup.cloned().ok_or_else(|| gone(name))?;
        let lineage_id = LineageId(uuid::Uuid::new_v4());
        database.identity = DatabaseIdentity {
            lineage_id,
            role: DatabaseRole::Scratch,
            effects: Effects::Flowing,
            ..database.identity
        };
        let copy = Copy {
            name: name.clone(),
            location: location(&url(name)),
            lineage_id,
            recovered_to: record.recovery_point.taken_at,
            next_transaction_id: None,
            timeline: None,
        };
        content.databases.insert(url(name), database);
        if let Some(entry) = content.copies.get_mut(name) {
            entry.stage = Stage::Running(copy.clone());
        }
        Ok(copy)
    }

    async fn stop(&self, permit: &Permit<'_>, _: &ScratchName) -> Result<()> {
        permit.check()
    }

    async fn chill(
        &self,
        permit: &Permit<'_>,
        _: &ScratchName,
        _: &RecoveryTarget,
    ) -> Result<String> {
        permit.check()?;
        Ok("nothing to empty".into())
    }

    async fn adopt(&self, permit: &Permit<'_>, name: &ScratchName) -> Result<Location> {
        permit.check()?;
        let mut content = self.content();
        let entry = content.copies.get_mut(name).ok_or_else(|| gone(name))?;
        entry.adopted = true;
        Ok(location(&url(name)))
    }

    async fn disown(&self, permit: &Permit<'_>, name: &ScratchName) -> Result<()> {
        permit.check()?;
        let mut content = self.content();
        let entry = content.copies.get_mut(name).ok_or_else(|| gone(name))?;
        entry.adopted = false;
        Ok(())
    }

    async fn discard(&self, permit: &Permit<'_>, name: &ScratchName) -> Result<()> {
        permit.check()?;
        let mut content = self.content();
        let served = content.descriptor.as_ref().map(|it| &it.location.url);
        if served == Some(&url(name)) || content.copies.get(name).is_some_and(|entry| entry.adopted)
        {
            return Err(Failure::refused(format!("the copy '{name}' serves")));
        }
        content.copies.remove(name);
        content.databases.remove(&url(name));
        Ok(())
    }

    async fn list(&self) -> Result<Vec<(ScratchName, OperationId, Timestamp)>> {
        let content = self.content();
        let all = content.copies.iter();
        Ok(all
            .filter(|(_, copy)| !copy.adopted)
            .map(|(name, copy)| (name.clone(), copy.owner.clone(), copy.expires_at))
            .collect())
    }
}
