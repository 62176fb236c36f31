//! Begins to write and read as users do. The prober is part of this run: a run that goes on after a death begins another one.

use std::time::Duration;

use async_trait::async_trait;

use super::super::drill::SharedDrill;
use super::super::multi_az::asked_key;
use super::super::names::PROBE;
use super::super::prober::{Beginning, Running};
use crate::clock::Timestamp;
use crate::engine::{Step, StepContext, StepState};
use crate::failure::Result;
use crate::guard::Permit;
use crate::names::StepName;
use crate::ports::Location;
use crate::restore::frozen_by;
use crate::restore::names::step;

/// So many answers say that it works before anything is failed over.
const STEADY: u64 = 5;
/// How long they may take.
const LIMIT: Duration = Duration::from_secs(30);

/// Begins.
pub struct Probe(pub SharedDrill);

/// Where the prober began.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Began {
    /// The first number of this run.
    pub first: u64,
}

/// The first number that no earlier run of this operation wrote.
pub async fn next_number(drill: &SharedDrill, administrator: &Location) -> Result<u64> {
    let prober = drill.prober().await?;
    let kept = prober.kept(administrator, &drill.operation).await?;
    Ok(kept.last().map_or(1, |last| last + 1))
}

/// A number that no earlier run can have come to: it would have had to write a thousand rows a millisecond.
fn beyond(started_at: Timestamp, now: Timestamp) -> u64 {
    let milliseconds = started_at.age(now).as_millis();
    u64::try_from(milliseconds)
        .unwrap_or(u64::MAX / 1000)
        .saturating_mul(1000)
        + 1
}

impl Probe {
    /// Whether users felt something already, of a run that died.
    async fn under_way(&self) -> Result<bool> {
        let (world, ours) = (&self.0.world, &self.0.operation);
        let descriptor = world.pointer.read().await?;
        let frozen = descriptor.is_some_and(|found| frozen_by(&found) == Some(ours.as_str()));
        Ok(frozen || world.store.read(&asked_key(ours)).await?.is_some())
    }
}

#[async_trait]
impl Step for Probe {
    type Output = Began;

    fn name(&self) -> StepName {
        step(PROBE)
    }

    async fn check(&self, _: &StepContext<'_>) -> Result<StepState<Began>> {
        Ok(StepState::Absent)
    }

    async fn apply(&self, context: &StepContext<'_>, _: &Permit<'_>) -> Result<Began> {
        let (drill, interrupted) = (&self.0, self.under_way().await?);
        let first = match interrupted {
            // The database may be away at this very moment.
            true => beyond(drill.started_at, context.clock.now()),
            false => next_number(drill, &drill.inputs.old.administrator).await?,
        };
        let beginning = Beginning {
            prober: drill.prober().await?,
            operation: drill.operation.clone(),
            pace: drill.inputs.pace,
            first,
            interrupted,
        };
        let running = Running::begin(&drill.world, beginning).await;
        if !interrupted {
            running.answers(STEADY, LIMIT).await.map_err(|failure| {
                failure
                    .in_context("users can't write and read before anything was failed over")
                    .left("nothing was failed over")
            })?;
        }
        drill.keep(running);
        Ok(Began { first })
    }

    async fn still_holds(&self, _: &StepContext<'_>, _: &Began) -> Result<bool> {
        Ok(self.0.is_probed())
    }
}
