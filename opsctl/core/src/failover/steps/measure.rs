//! Waits until users write and read again, ends the prober, and says what they felt.

use std::time::Duration;

use async_trait::async_trait;

use super::super::drill::{Drill, SharedDrill};
use super::super::names::MEASURE;
use super::super::prober::{Beginning, Felt, Running, felt};
use super::probe::next_number;
use crate::engine::{Step, StepContext, StepState};
use crate::failure::{Failure, Result};
use crate::guard::Permit;
use crate::names::StepName;
use crate::ports::Location;
use crate::restore::names::step;

/// So many answers say that it works again.
const STEADY: u64 = 5;
/// How long they may take.
const LIMIT: Duration = Duration::from_secs(120);

/// Measures.
pub struct Measure(pub SharedDrill);

impl Drill {
    /// Where an administrator finds the database that serves now.
    async fn serving(&self) -> Result<Location> {
        let descriptor = self.world.pointer.read().await?;
        let descriptor =
            descriptor.ok_or_else(|| Failure::failed("the database descriptor is gone"))?;
        self.world.pointer.administrator(&descriptor).await
    }
}

impl Measure {
    /// The prober of this run, or another one where the run that began it died.
    async fn running(&self, serving: &Location) -> Result<Running> {
        let drill = &self.0;
        if let Some(running) = drill.take() {
            return Ok(running);
        }
        let beginning = Beginning {
            prober: drill.prober().await?,
            operation: drill.operation.clone(),
            pace: drill.inputs.pace,
            first: next_number(drill, serving).await?,
            interrupted: true,
        };
        Ok(Running::begin(&drill.world, beginning).await)
    }
}

#[async_trait]
impl Step for Measure {
    type Output = Felt;

    fn name(&self) -> StepName {
        step(MEASURE)
    }

    async fn check(&self, _: &StepContext<'_>) -> Result<StepState<Felt>> {
        Ok(StepState::Absent)
    }

    async fn apply(&self, _: &StepContext<'_>, _: &Permit<'_>) -> Result<Felt> {
        let (drill, serving) = (&self.0, self.0.serving().await?);
        let running = self.running(&serving).await?;
        let answered = running.answers(STEADY, LIMIT).await;
        let (began_at, interrupted) = (running.began_at, running.interrupted);
        let record = running.end().await;
        answered.map_err(|failure| {
            failure
                .in_context("users can't write and read after the failover")
                .hint(format!(
                    "opsctl --env {} doctor",
                    drill.world.environment.name
                ))
        })?;
        let prober = drill.prober().await?;
        let kept = prober.kept(&serving, &drill.operation).await?;
        Ok(Felt {
            interrupted,
            phases: drill.phases(),
            ..felt(&record, &kept, began_at)
        })
    }
}
