//! Signs what was seen and puts it at the end of the chain.

use async_trait::async_trait;

use super::super::compose::compose;
use super::super::drill::SharedDrill;
use super::super::names::{EVIDENCE, MEASURE};
use super::super::prober::Felt;
use crate::engine::{Step, StepContext, StepState};
use crate::evidence::{Evidence, append, find};
use crate::failure::Result;
use crate::guard::Permit;
use crate::names::StepName;
use crate::restore::names::step;

/// The evidence that the drill left.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
pub struct Written {
    /// The document's place in the store.
    pub place: String,
    /// Its SHA-256: an anchor to keep elsewhere.
    pub sha256: String,
    /// The document.
    pub document: Evidence,
}

/// Writes the evidence.
pub struct WriteEvidence(pub SharedDrill);

#[async_trait]
impl Step for WriteEvidence {
    type Output = Written;

    fn name(&self) -> StepName {
        step(EVIDENCE)
    }

    async fn check(&self, context: &StepContext<'_>) -> Result<StepState<Written>> {
        let found = find(self.0.world.store.as_ref(), context.operation).await?;
        found.map_or(Ok(StepState::Absent), |entry| {
            Ok(StepState::Done(Written {
                place: entry.key.to_string(),
                sha256: entry.sha256(),
                document: entry.document()?,
            }))
        })
    }

    async fn apply(&self, context: &StepContext<'_>, permit: &Permit<'_>) -> Result<Written> {
        let (drill, felt) = (&self.0, context.outputs.get::<Felt>(MEASURE)?);
        let who = permit.approval().principal();
        let document = compose(drill, context.outputs, &felt, who)?;
        let key = drill.world.keys.signing_key().await?;
        permit.check()?;
        let entry = append(drill.world.store.as_ref(), &key, document).await?;
        Ok(Written {
            place: entry.key.to_string(),
            sha256: entry.sha256(),
            document: entry.document()?,
        })
    }
}
