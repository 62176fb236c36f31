//! Signs what was seen and puts it at the end of the chain.

use async_trait::async_trait;

use super::super::compose::compose;
use super::super::drill::SharedDrill;
use super::super::names::{EVIDENCE, MEASURE};
use super::super::prober::Felt;
use crate::drill::{Written, already_written};
use crate::engine::{Step, StepContext, StepState};
use crate::failure::Result;
use crate::guard::Permit;
use crate::names::StepName;
use crate::restore::names::step;

/// Writes the evidence.
pub struct WriteEvidence(pub SharedDrill);

#[async_trait]
impl Step for WriteEvidence {
    type Output = Written;

    fn name(&self) -> StepName {
        step(EVIDENCE)
    }

    async fn check(&self, context: &StepContext<'_>) -> Result<StepState<Written>> {
        already_written(&self.0.world, context.operation).await
    }

    async fn apply(&self, context: &StepContext<'_>, permit: &Permit<'_>) -> Result<Written> {
        let (drill, felt) = (&self.0, context.outputs.get::<Felt>(MEASURE)?);
        let who = permit.approval().principal();
        let document = compose(drill, context.outputs, &felt, who)?;
        Written::sign(&drill.world, permit, document).await
    }
}
