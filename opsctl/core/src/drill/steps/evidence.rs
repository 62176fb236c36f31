//! Signs what was seen and puts it at the end of the chain.

use async_trait::async_trait;

use super::super::DrillInputs;
use super::super::compose::{Frame, SourceOf, compose};
use super::{Examined, names};
use crate::backup::{DrillMark, mark_drilled};
use crate::clock::Timestamp;
use crate::costs::Cost;
use crate::drill::measured::Measured;
use crate::engine::{Outputs, Step, StepContext, StepState, Verdict};
use crate::evidence::{Entry, Evidence, EvidenceVerdict, append, find};
use crate::failure::Result;
use crate::guard::Permit;
use crate::names::{OperationId, StepName};
use crate::ports::World;
use crate::state::{Key, StoreError, encode};

/// The evidence that a drill left.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
pub struct Written {
    /// The document's place in the store.
    pub place: String,
    /// Its SHA-256: an anchor to keep elsewhere.
    pub sha256: String,
    /// The document.
    pub document: Evidence,
}

impl Written {
    /// What an entry of the chain holds.
    pub(crate) fn of(entry: &Entry) -> Result<Self> {
        Ok(Self {
            place: entry.key.to_string(),
            sha256: entry.sha256(),
            document: entry.document()?,
        })
    }

    /// Signs a document and puts it at the end of the chain.
    pub(crate) async fn sign(
        world: &World,
        permit: &Permit<'_>,
        document: Evidence,
    ) -> Result<Self> {
        let key = world.keys.signing_key().await?;
        permit.check()?;
        let entry = append(world.store.as_ref(), &key, document).await?;
        Self::of(&entry)
    }

    /// What the document says of the promises.
    pub(crate) fn verdict(&self) -> Verdict {
        match self.document.verdict {
            EvidenceVerdict::Passed => Verdict::Kept,
            EvidenceVerdict::Failed => Verdict::Broken(self.document.reasons.clone()),
        }
    }
}

/// The evidence that an earlier run of the operation left.
pub(crate) async fn already_written(
    world: &World,
    operation: &OperationId,
) -> Result<StepState<Written>> {
    let found = find(world.store.as_ref(), operation).await?;
    found.map_or(Ok(StepState::Absent), |entry| {
        Ok(StepState::Done(Written::of(&entry)?))
    })
}

/// Writes the evidence.
pub struct WriteEvidence {
    pub world: World,
    pub inputs: DrillInputs,
    pub started_at: Timestamp,
    pub opsctl_version: String,
    /// What its copy costs.
    pub cost: Option<Cost>,
}

#[async_trait]
impl Step for WriteEvidence {
    type Output = Written;

    fn name(&self) -> StepName {
        StepName::fixed(names::EVIDENCE)
    }

    async fn check(&self, context: &StepContext<'_>) -> Result<StepState<Written>> {
        already_written(&self.world, context.operation).await
    }

    async fn apply(&self, context: &StepContext<'_>, permit: &Permit<'_>) -> Result<Written> {
        let frame = Frame {
            operation: context.operation,
            environment: &self.world.environment,
            inputs: &self.inputs,
            principal: permit.approval().principal(),
            opsctl_version: &self.opsctl_version,
            source: SourceOf::Serving,
            started_at: self.started_at,
            finished_at: context.clock.now(),
            further: Vec::new(),
            cost: self.cost.as_ref(),
        };
        let document = compose(&frame, context.outputs)?;
        Written::sign(&self.world, permit, document).await
    }

    /// Not in `apply`: a run that died right after the document was written marks the backup when it is resumed.
    async fn verify(&self, context: &StepContext<'_>, written: &Written) -> Result<()> {
        mark_passed(&self.world, &written.document, context.outputs).await
    }
}

/// A backup that passed is known to `backup prune`, which never deletes the newest such one; and the
/// next drill of it must find the same rows.
pub(crate) async fn mark_passed(
    world: &World,
    document: &Evidence,
    outputs: &Outputs,
) -> Result<()> {
    let (store, backup) = (world.store.as_ref(), &document.recovery_point.backup_id);
    let examined = outputs.get::<Measured<Examined>>(names::VERIFY)?;
    if document.verdict != EvidenceVerdict::Passed {
        return Ok(());
    }
    let mark = DrillMark {
        drill: document.operation.clone(),
        passed_at: document.finished_at,
    };
    mark_drilled(store, backup, &mark).await?;
    let Some(seen) = examined.worked() else {
        return Ok(());
    };
    let fingerprints = encode(&seen.fingerprints)?;
    match store
        .create(&Key::fingerprints(backup), &fingerprints)
        .await
    {
        // The first drill's word stays.
        Ok(()) | Err(StoreError::Conflict(_)) => Ok(()),
        Err(error) => Err(error.into()),
    }
}
