//! `opsctl restore rows` as an operation, from the copy on.

use std::sync::Arc;

use async_trait::async_trait;
use serde_json::json;

use super::super::facts;
use super::plan::step_names::INSERT;
use super::steps::{DiscardCopy, Insert, RowsJob, Select};
use crate::engine::{Conclusion, ErasedStep, Operation, Outputs, Plan, Precondition, erase};
use crate::failure::Result;
use crate::ports::World;

/// Rows that can be brought back.
pub struct RestoreRows(Arc<RowsJob>);

impl RestoreRows {
    /// The operation that `plan` describes.
    ///
    /// # Errors
    /// When the plan's inputs have another form.
    pub fn from_plan(plan: &Plan, world: &World) -> Result<Self> {
        Ok(Self(Arc::new(RowsJob {
            world: world.clone(),
            inputs: plan.inputs()?,
        })))
    }
}

#[async_trait]
impl Operation for RestoreRows {
    fn steps(&self) -> Vec<Box<dyn ErasedStep>> {
        vec![
            erase(Select(Arc::clone(&self.0))),
            erase(Insert(Arc::clone(&self.0))),
            erase(DiscardCopy(Arc::clone(&self.0))),
        ]
    }

    async fn observe(&self) -> Result<Vec<Precondition>> {
        let found = self.0.world.pointer.read().await?;
        Ok(vec![facts::descriptor_precondition(found.as_ref())])
    }

    fn conclude(&self, outputs: &Outputs) -> Result<Conclusion> {
        let rows: u64 = outputs.get(INSERT)?;
        Ok(Conclusion::kept(json!({
            "environment": self.0.world.environment.name,
            "table": self.0.inputs.request.table,
            "condition": self.0.inputs.request.condition,
            "rows": rows,
            "copy": self.0.inputs.copy,
        })))
    }
}
