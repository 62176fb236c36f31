//! Seeding as an operation: one step a table, in batches that a resumed run writes again harmlessly.

use std::time::Instant;

use async_trait::async_trait;
use serde_json::json;

use super::plan::step_of;
use super::{Batch, SeedInputs, Table};
use crate::engine::{
    Conclusion, ErasedStep, Operation, Outputs, Plan, Precondition, Step, StepContext, StepState,
    erase,
};
use crate::failure::{Failure, FailureKind, Result};
use crate::guard::Permit;
use crate::names::StepName;
use crate::ports::World;

/// Rows in one transaction: large enough to be fast, small enough to stop soon.
const BATCH: u64 = 20_000;

/// What a table got.
#[derive(Debug, Clone, Copy, serde::Serialize, serde::Deserialize)]
struct Filled {
    rows: u64,
    seconds: f64,
}

/// Sample data, built from its plan.
pub struct Seed {
    world: World,
    inputs: SeedInputs,
}

impl Seed {
    /// The seeding that `plan` describes.
    ///
    /// # Errors
    /// When the plan's inputs have another form.
    pub fn new(plan: &Plan, world: &World) -> Result<Self> {
        Ok(Self {
            world: world.clone(),
            inputs: plan.inputs()?,
        })
    }
}

#[async_trait]
impl Operation for Seed {
    fn steps(&self) -> Vec<Box<dyn ErasedStep>> {
        let step = |table| {
            erase(Fill {
                world: self.world.clone(),
                inputs: self.inputs.clone(),
                table,
            })
        };
        Table::ALL.into_iter().map(step).collect()
    }

    async fn observe(&self) -> Result<Vec<Precondition>> {
        Ok(Vec::new())
    }

    fn conclude(&self, outputs: &Outputs) -> Result<Conclusion> {
        let mut result = serde_json::Map::new();
        for table in Table::ALL {
            let filled: Filled = outputs.get(step_of(table).as_str())?;
            result.insert(table.name().into(), json!(filled));
        }
        Ok(Conclusion::kept(result.into()))
    }
}

struct Fill {
    world: World,
    inputs: SeedInputs,
    table: Table,
}

#[async_trait]
impl Step for Fill {
    type Output = Filled;

    fn name(&self) -> StepName {
        step_of(self.table)
    }

    async fn check(&self, _: &StepContext<'_>) -> Result<StepState<Filled>> {
        Ok(StepState::Absent)
    }

    async fn apply(&self, context: &StepContext<'_>, permit: &Permit<'_>) -> Result<Filled> {
        let begun = Instant::now();
        let (volume, location) = (self.inputs.volume, &self.inputs.location);
        let total = self.table.rows(volume);
        let mut from = 0;
        while from < total {
            if let Some(reason) = context.interrupt.requested() {
                return Err(Failure::new(FailureKind::Stopped, reason.to_string()));
            }
            let to = (from + BATCH).min(total);
            let batch = Batch::of(self.table, volume, from, to);
            self.world.seeder.insert(permit, location, &batch).await?;
            context.progress.at(to, total, "rows");
            from = to;
        }
        Ok(Filled {
            rows: total,
            seconds: begun.elapsed().as_secs_f64(),
        })
    }
}
