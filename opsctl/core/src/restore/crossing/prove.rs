//! Proves that every living process serves from the new lineage, and that nobody is left on the old one.

use std::time::Duration;

use async_trait::async_trait;

use super::acknowledge::{Wanted, all};
use super::fence::Fenced;
use super::side::{Crossing, SharedCrossing};
use crate::engine::{Step, StepContext, StepState};
use crate::failure::{Failure, Result};
use crate::guard::Permit;
use crate::names::StepName;
use crate::restore::names::{FENCE, PROVE, SWITCH, step};

/// Who serves from the new lineage.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct OnNewLineage {
    /// The processes that acknowledged it.
    pub processes: Vec<uuid::Uuid>,
}

/// Waits for every process.
pub struct Prove(pub SharedCrossing);

impl Prove {
    /// Waits until no session but our own is left on the old database.
    async fn nobody_on_the_old(&self, within: Duration) -> Result<()> {
        let begun = tokio::time::Instant::now();
        let administrator = &self.0.old.administrator;
        let database = self.0.world.databases.open(administrator).await?;
        let answer = loop {
            match database.foreign_sessions().await {
                Ok(0) => break Ok(()),
                Ok(left) if begun.elapsed() >= within => {
                    break Err(Failure::failed(format!(
                        "{left} session(s) are still connected to the old database"
                    ))
                    .hint("end them; they can read there, but not write"));
                }
                Ok(_) => tokio::time::sleep(Duration::from_millis(50)).await,
                Err(failure) => break Err(failure),
            }
        };
        database.close().await;
        answer
    }
}

#[async_trait]
impl Step for Prove {
    type Output = OnNewLineage;

    fn name(&self) -> StepName {
        step(PROVE)
    }

    async fn check(&self, _: &StepContext<'_>) -> Result<StepState<OnNewLineage>> {
        Ok(StepState::Absent)
    }

    async fn apply(&self, context: &StepContext<'_>, _: &Permit<'_>) -> Result<OnNewLineage> {
        let new = Crossing::new_side(context.outputs)?;
        let switched: super::Switched = context.outputs.get(SWITCH)?;
        let within = self.0.old.acknowledge_within.0;
        let wanted = Wanted {
            what: "move to the new lineage",
            done: &|process| {
                process.generation >= switched.generation && process.lineage_id == new.lineage_id
            },
            within,
        };
        let processes = all(&self.0.world, context.interrupt, &wanted).await?;
        if let Fenced::Proven { .. } = context.outputs.get(FENCE)? {
            self.nobody_on_the_old(within).await?;
        }
        Ok(OnNewLineage {
            processes: processes.iter().map(|process| process.process_id).collect(),
        })
    }
}
