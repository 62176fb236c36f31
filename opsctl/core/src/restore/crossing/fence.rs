//! Fences the old database: after this no write of the application gets through, whoever tries.

use async_trait::async_trait;

use super::side::SharedCrossing;
use crate::engine::{Step, StepContext, StepState};
use crate::failure::{Failure, FailureKind, Result};
use crate::guard::Permit;
use crate::names::StepName;
use crate::ports::{Database, DatabaseRole};
use crate::restore::Source;
use crate::restore::names::{FENCE, step};

/// How the old database is kept from being written.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(tag = "fence", rename_all = "snake_case")]
pub enum Fenced {
    /// A write was tried, and these were the words of the refusal.
    Proven {
        /// The database's own words.
        refusal: String,
    },
    /// It does not answer. The fence is owed, and the lineage is refused everywhere.
    Owed {
        /// Why it could not be fenced.
        reason: String,
    },
}

/// Fences the old database.
pub struct Fence(pub SharedCrossing);

/// Tries a write.
///
/// # Errors
/// When it went through.
pub async fn prove_fence(database: &dyn Database) -> Result<String> {
    database.try_write().await?.ok_or_else(|| {
        Failure::new(
            FailureKind::PromiseBroken,
            "the fence does not hold: a write to the fenced database went through",
        )
        .left("the write was rolled back")
    })
}

impl Fence {
    async fn fence(&self, permit: &Permit<'_>) -> Result<String> {
        let old = &self.0.old;
        let database = self.0.world.databases.open(&old.administrator).await?;
        let fenced = async {
            let found = database.identity().await?;
            let right = found.as_ref().is_some_and(|found| {
                found.lineage_id == old.lineage_id && found.role != DatabaseRole::Scratch
            });
            if !right {
                return Err(Failure::refused(
                    "the database that answers is not the one that the plan found",
                )
                .hint("opsctl doctor"));
            }
            database.fence(permit).await?;
            prove_fence(database.as_ref()).await
        };
        let answer = fenced.await;
        database.close().await;
        answer
    }
}

#[async_trait]
impl Step for Fence {
    type Output = Fenced;

    fn name(&self) -> StepName {
        step(FENCE)
    }

    /// Fencing is idempotent and proving it is cheap: it is always done again.
    async fn check(&self, _: &StepContext<'_>) -> Result<StepState<Fenced>> {
        Ok(StepState::Absent)
    }

    async fn apply(&self, context: &StepContext<'_>, permit: &Permit<'_>) -> Result<Fenced> {
        match (self.0.old.source, self.fence(permit).await) {
            (_, Ok(refusal)) => Ok(Fenced::Proven { refusal }),
            (Source::Reachable, Err(failure)) => Err(failure),
            (Source::Unreachable, Err(failure)) if failure.kind == FailureKind::PromiseBroken => {
                Err(failure)
            }
            (Source::Unreachable, Err(failure)) => {
                let lineage = self.0.old.lineage_id;
                context.progress.warn(format!(
                    "the fence on lineage {lineage} is owed: the database does not answer"
                ));
                let reason = failure.to_string();
                Ok(Fenced::Owed { reason })
            }
        }
    }

    async fn still_holds(&self, _: &StepContext<'_>, output: &Fenced) -> Result<bool> {
        // An owed fence is for `settle` to bring; and past the switch nobody goes back to fencing.
        if matches!(output, Fenced::Owed { .. }) || self.0.has_switched().await? {
            return Ok(true);
        }
        let database = self
            .0
            .world
            .databases
            .open(&self.0.old.administrator)
            .await?;
        let refused = database.try_write().await;
        database.close().await;
        Ok(refused?.is_some())
    }
}
