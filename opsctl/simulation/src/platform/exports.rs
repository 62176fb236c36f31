//! The simulated place for exports: an upload is begun, and is an export when it is complete.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use opsctl_core::engine::{Progress, StepState};
use opsctl_core::guard::Permit;
use opsctl_core::names::BackupId;
use opsctl_core::ports::{BackupFault, BackupFinding, BackupRecord, Backups, RestoreWindow};
use opsctl_core::{Failure, Result};

use super::{CallFault, Platform};

/// What lies there.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SimulatedExports {
    /// The complete ones.
    pub complete: BTreeMap<BackupId, BackupRecord>,
    /// Uploads that nobody has completed or aborted: they are paid for.
    pub begun: Vec<BackupId>,
    /// What goes wrong with the next completion.
    pub fault: Option<CallFault>,
}

impl Platform {
    /// What lies in the place for exports.
    #[must_use]
    pub fn exported(&self) -> SimulatedExports {
        self.content().exports.clone()
    }

    /// Changes it, as somebody outside might.
    pub fn change_exports(&self, change: impl FnOnce(&mut SimulatedExports)) {
        change(&mut self.content().exports);
    }

    pub(super) fn exports(&self) -> Arc<dyn Backups> {
        Arc::new(Place(self.clone()))
    }
}

struct Place(Platform);

#[async_trait]
impl Backups for Place {
    async fn list(&self) -> Result<(Vec<BackupRecord>, Vec<(BackupId, BackupFinding)>)> {
        let all = self.0.exported().complete.into_values();
        let mut records: Vec<BackupRecord> = all.collect();
        records.sort_by_key(|record| record.recovery_point.taken_at);
        Ok((records, Vec::new()))
    }

    async fn check(&self, id: &BackupId) -> Result<StepState<BackupRecord>> {
        let found = self.0.exported().complete.remove(id);
        Ok(found.map_or(StepState::Absent, StepState::Done))
    }

    async fn create(
        &self,
        permit: &Permit<'_>,
        id: &BackupId,
        _: &Progress<'_>,
    ) -> Result<BackupRecord> {
        permit.check()?;
        let record = self.0.record_of(id);
        let mut content = self.0.content();
        let exports = &mut content.exports;
        // What nobody goes on with is given up first; the simulated day is over at once.
        exports.begun.clear();
        exports.begun.push(id.clone());
        let lost = || Err(Failure::failed("no answer"));
        match exports.fault.take() {
            Some(CallFault::LostCall) => return lost(),
            Some(CallFault::Refusal) => {
                // Whoever is refused clears away.
                exports.begun.retain(|begun| begun != id);
                return Err(Failure::failed("throttled"));
            }
            fault => {
                exports.begun.retain(|begun| begun != id);
                exports.complete.insert(id.clone(), record.clone());
                if fault.is_some() {
                    return lost();
                }
            }
        }
        Ok(record)
    }

    async fn verify(&self, id: &BackupId, _: &Progress<'_>) -> Result<Vec<BackupFinding>> {
        let damage = BackupFinding {
            fault: BackupFault::Checksum,
            file: "dump".into(),
            detail: "damaged by a test".into(),
        };
        let damaged = self.0.content().damaged.contains(id);
        Ok(damaged.then_some(damage).into_iter().collect())
    }

    async fn delete(&self, permit: &Permit<'_>, id: &BackupId) -> Result<()> {
        permit.check()?;
        self.0.content().exports.complete.remove(id);
        Ok(())
    }

    async fn window(&self) -> Result<Option<RestoreWindow>> {
        Ok(None)
    }
}
