//! Sets the old database aside: kept, named, and refused as a database to be served from.

use async_trait::async_trait;

use super::fence::Fenced;
use super::side::{Crossing, Promoted, SharedCrossing};
use crate::clock::Timestamp;
use crate::engine::{Step, StepContext, StepState};
use crate::environment::Promises;
use crate::failure::{Failure, FailureKind, Result};
use crate::guard::Permit;
use crate::lineage::{self, CurrentDatabase, LineageRegister, SetAside};
use crate::names::StepName;
use crate::ports::{DatabaseIdentity, DatabaseRole};
use crate::restore::names::{FENCE, SET_ASIDE, step};

/// By when it should be decided what becomes of a database that was set aside then: as long as a backup of it is promised to stay.
#[must_use]
pub fn due(promises: &Promises, since: Timestamp) -> Timestamp {
    since.plus(promises.retention.0)
}

/// Sets the old database aside.
pub struct SetOldAside(pub SharedCrossing);

impl SetOldAside {
    fn record(&self, fenced: &Fenced, since: Timestamp) -> SetAside {
        let old = &self.0.old;
        SetAside {
            instance_id: old.instance_id,
            lineage_id: old.lineage_id,
            location: old.location.clone(),
            administrator: old.administrator.clone(),
            since,
            by: self.0.operation.clone(),
            copy: old.copy.clone(),
            fence: match fenced {
                Fenced::Proven { .. } => lineage::Fence::Proven,
                Fenced::Owed { .. } => lineage::Fence::Owed,
            },
            keep_until: Some(due(&self.0.world.environment.promises, since)),
        }
    }

    fn current(&self, new: &Promoted, since: Timestamp) -> CurrentDatabase {
        CurrentDatabase {
            instance_id: new.instance_id,
            lineage_id: new.lineage_id,
            since,
            by: self.0.operation.clone(),
            copy: new.copy.clone(),
        }
    }

    /// The database says it itself, so that whoever connects with an old address is refused by it.
    async fn tell(&self, permit: &Permit<'_>) -> Result<()> {
        let database = self
            .0
            .world
            .databases
            .open(&self.0.old.administrator)
            .await?;
        let told = async {
            let found = database.identity().await?.ok_or_else(|| {
                Failure::new(FailureKind::Unknown, "the old database lost its identity")
            })?;
            let superseded = DatabaseIdentity {
                role: DatabaseRole::Superseded,
                ..found
            };
            database.set_identity(permit, &superseded).await
        };
        let answer = told.await;
        database.close().await;
        answer
    }
}

#[async_trait]
impl Step for SetOldAside {
    type Output = SetAside;

    fn name(&self) -> StepName {
        step(SET_ASIDE)
    }

    async fn check(&self, _: &StepContext<'_>) -> Result<StepState<SetAside>> {
        Ok(StepState::Absent)
    }

    async fn apply(&self, context: &StepContext<'_>, permit: &Permit<'_>) -> Result<SetAside> {
        let fenced: Fenced = context.outputs.get(FENCE)?;
        let new = Crossing::new_side(context.outputs)?;
        if let Fenced::Proven { .. } = fenced {
            self.tell(permit).await?;
        }
        permit.check()?;
        let now = context.clock.now();
        let register = LineageRegister::update(self.0.world.store.as_ref(), |register| {
            let known = register.current.as_ref();
            // A run that died after writing this leaves it as it was written.
            if known.is_none_or(|current| current.lineage_id != new.lineage_id) {
                register.switch(self.current(&new, now), self.record(&fenced, now));
            }
        })
        .await?;
        let lineage = self.0.old.lineage_id;
        let kept = register
            .set_aside
            .iter()
            .find(|aside| aside.lineage_id == lineage);
        kept.cloned().ok_or_else(|| {
            Failure::new(
                FailureKind::Unknown,
                format!("lineage {lineage} was not kept in the record"),
            )
        })
    }
}
