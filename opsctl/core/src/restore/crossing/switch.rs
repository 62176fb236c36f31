//! Points the descriptor at the new database: the one moment from which there is only forward.

use async_trait::async_trait;

use super::side::{Crossing, Promoted, SharedCrossing};
use crate::engine::{Step, StepContext, StepState};
use crate::failure::{Failure, FailureKind, Result};
use crate::guard::Permit;
use crate::names::{LineageId, StepName};
use crate::ports::{Database, DatabaseRole, Descriptor};
use crate::restore::names::{SWITCH, step};

/// The descriptor names the new database.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Switched {
    /// The generation that says so.
    pub generation: u64,
    /// The line of history that serves from now on.
    pub lineage_id: LineageId,
}

/// Switches.
pub struct Switch(pub SharedCrossing);

/// Refuses to point at a database that is not ready to serve.
async fn ready(new: &Promoted, database: &dyn Database) -> Result<()> {
    let identity = database.identity().await?;
    let right = identity.as_ref().is_some_and(|found| {
        found.lineage_id == new.lineage_id
            && found.instance_id == new.instance_id
            && found.role == DatabaseRole::Primary
    });
    if right {
        return Ok(());
    }
    let what = format!(
        "the database of lineage {} is not ready to serve",
        new.lineage_id
    );
    Err(Failure::new(FailureKind::Unknown, what).cause(format!("it says {identity:?}")))
}

#[async_trait]
impl Step for Switch {
    type Output = Switched;

    fn name(&self) -> StepName {
        step(SWITCH)
    }

    async fn check(&self, context: &StepContext<'_>) -> Result<StepState<Switched>> {
        let new = Crossing::new_side(context.outputs)?;
        let found = self.0.descriptor().await?;
        if found.lineage_id == new.lineage_id {
            return Ok(StepState::Done(Switched {
                generation: found.generation,
                lineage_id: new.lineage_id,
            }));
        }
        if found.lineage_id != self.0.old.lineage_id || !self.0.is_ours(&found) {
            return Ok(StepState::Foreign(format!(
                "the descriptor was changed meanwhile: lineage {}, generation {}",
                found.lineage_id, found.generation
            )));
        }
        Ok(StepState::Absent)
    }

    async fn apply(&self, context: &StepContext<'_>, permit: &Permit<'_>) -> Result<Switched> {
        let new = Crossing::new_side(context.outputs)?;
        let world = &self.0.world;
        let database = world.databases.open(&new.administrator).await?;
        let checked = ready(&new, database.as_ref()).await;
        database.close().await;
        checked?;
        let found = self.0.descriptor().await?;
        let descriptor = Descriptor {
            generation: found.generation + 1,
            location: new.location.clone(),
            instance_id: new.instance_id,
            lineage_id: new.lineage_id,
            ..found.clone()
        };
        let pointer = &world.pointer;
        pointer
            .replace(permit, found.generation, &descriptor)
            .await?;
        Ok(Switched {
            generation: descriptor.generation,
            lineage_id: new.lineage_id,
        })
    }

    async fn verify(&self, context: &StepContext<'_>, _: &Switched) -> Result<()> {
        let new = Crossing::new_side(context.outputs)?;
        let found = self.0.descriptor().await?;
        if found.lineage_id == new.lineage_id && found.location == new.location {
            return Ok(());
        }
        Err(Failure::new(
            FailureKind::Unknown,
            "the descriptor does not say what was written",
        ))
    }

    /// From here on there is only forward: nothing before is asked again.
    fn releases(&self) -> bool {
        true
    }
}
