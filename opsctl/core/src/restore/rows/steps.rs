//! The steps that bring rows back.

use std::sync::Arc;

use async_trait::async_trait;

use super::super::names::step;
use super::plan::step_names::{DISCARD, INSERT, SELECT};
use super::{Preview, RowsInputs, preview};
use crate::engine::{Step, StepContext, StepState};
use crate::failure::{Failure, FailureKind, Result};
use crate::guard::Permit;
use crate::names::StepName;
use crate::ports::{CopyState, World};

/// What the steps share.
pub struct RowsJob {
    /// The outside.
    pub world: World,
    /// What the plan says.
    pub inputs: RowsInputs,
}

/// Looks again.
pub struct Select(pub Arc<RowsJob>);
/// Writes, in one transaction.
pub struct Insert(pub Arc<RowsJob>);
/// Removes the copy.
pub struct DiscardCopy(pub Arc<RowsJob>);

impl RowsJob {
    /// Finds the rows again.
    ///
    /// # Errors
    /// Refuses when they are not those that the approval is for.
    async fn agreed(&self) -> Result<Preview> {
        let inputs = &self.inputs;
        let rows = self.world.rows.as_ref();
        let found = preview(rows, &inputs.from, &inputs.into, &inputs.request).await?;
        if found.digest() == inputs.digest {
            return Ok(found);
        }
        Err(
            Failure::refused("other rows would come back than those that were shown")
                .cause(format!("planned {}, now {}", inputs.rows, found.rows()))
                .left("the live database was not touched")
                .hint("plan again: the application wrote in between"),
        )
    }
}

#[async_trait]
impl Step for Select {
    type Output = u64;

    fn name(&self) -> StepName {
        step(SELECT)
    }

    async fn check(&self, _: &StepContext<'_>) -> Result<StepState<u64>> {
        Ok(StepState::Absent)
    }

    async fn apply(&self, _: &StepContext<'_>, _: &Permit<'_>) -> Result<u64> {
        Ok(self.0.agreed().await?.rows())
    }
}

#[async_trait]
impl Step for Insert {
    type Output = u64;

    fn name(&self) -> StepName {
        step(INSERT)
    }

    async fn check(&self, context: &StepContext<'_>) -> Result<StepState<u64>> {
        let (rows, into) = (&self.0.world.rows, &self.0.inputs.into);
        let done = rows.inserted(into, context.operation).await?;
        Ok(done.map_or(StepState::Absent, StepState::Done))
    }

    async fn apply(&self, _: &StepContext<'_>, permit: &Permit<'_>) -> Result<u64> {
        let found = self.0.agreed().await?;
        permit.check()?;
        let (rows, into) = (&self.0.world.rows, &self.0.inputs.into);
        rows.insert(permit, into, &found.batches).await
    }

    async fn verify(&self, context: &StepContext<'_>, output: &u64) -> Result<()> {
        let (rows, into) = (&self.0.world.rows, &self.0.inputs.into);
        match rows.inserted(into, context.operation).await? {
            Some(count) if count == *output => Ok(()),
            other => Err(Failure::new(
                FailureKind::Unknown,
                format!("{output} rows were written, and the audit log knows of {other:?}"),
            )),
        }
    }
}

#[async_trait]
impl Step for DiscardCopy {
    type Output = ();

    fn name(&self) -> StepName {
        step(DISCARD)
    }

    async fn check(&self, _: &StepContext<'_>) -> Result<StepState<()>> {
        Ok(
            match self.0.world.copies.state(&self.0.inputs.copy).await? {
                CopyState::Absent | CopyState::Foreign(_) => StepState::Done(()),
                _ => StepState::Absent,
            },
        )
    }

    async fn apply(&self, _: &StepContext<'_>, permit: &Permit<'_>) -> Result<()> {
        let copies = &self.0.world.copies;
        copies.discard(permit, &self.0.inputs.copy).await
    }

    fn releases(&self) -> bool {
        true
    }
}
