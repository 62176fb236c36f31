//! Proves that the copy is what the backup said.

use async_trait::async_trait;

use super::super::job::{Job, SharedJob};
use super::super::names::{START, step};
use crate::clock::Timestamp;
use crate::engine::{Step, StepContext, StepState};
use crate::evidence::Level;
use crate::failure::{Failure, FailureKind, Result};
use crate::guard::Permit;
use crate::integrity;
use crate::names::{LineageId, StepName};
use crate::ports::{Copy, Database, DatabaseRole, RecoveryTarget};

/// Verifies the copy; runs under the name it is given, because a cut-over asks again.
pub struct Verify(pub SharedJob, pub &'static str, pub Depth);

/// What a copy showed.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct CopyProof {
    /// Its line of history.
    pub lineage_id: LineageId,
    /// Its newest migration.
    pub schema_version: Option<i64>,
    /// The newest heartbeat that survived.
    pub newest_heartbeat: Option<Timestamp>,
    /// Its size.
    pub size_bytes: u64,
    /// What the examination found, level by level; empty where only the identity was looked at.
    #[serde(default)]
    pub levels: Vec<Level>,
}

/// How closely the copy is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Depth {
    /// It opens, and is the copy that was made.
    Identity,
    /// The engine's own checks and every row as well. The live database is left out of it: it may be the
    /// damaged one.
    Whole,
}

#[async_trait]
impl Step for Verify {
    type Output = CopyProof;

    fn name(&self) -> StepName {
        step(self.1)
    }

    async fn check(&self, _: &StepContext<'_>) -> Result<StepState<CopyProof>> {
        Ok(StepState::Absent)
    }

    async fn apply(&self, context: &StepContext<'_>, _: &Permit<'_>) -> Result<CopyProof> {
        let copy: Copy = context.outputs.get(START)?;
        let job = &self.0;
        let database = job.world.databases.open(&copy.location).await?;
        let proof = prove(job, &copy, database.as_ref()).await;
        database.close().await;
        let proof = match (proof, self.2) {
            (Ok(proof), Depth::Whole) => examined(job, &copy, proof).await,
            (proof, _) => proof,
        };
        proof.map_err(|failure| {
            failure
                .in_context(format!(
                    "the copy '{}' did not pass verification",
                    copy.name
                ))
                .with_kind(FailureKind::PromiseBroken)
                .left("the live database was not touched by the copy")
        })
    }
}

async fn examined(job: &Job, copy: &Copy, proof: CopyProof) -> Result<CopyProof> {
    let options = integrity::Options::of(&job.world.environment);
    let inspector = job.world.inspector.as_ref();
    let report = integrity::examine(inspector, None, copy, &options).await?;
    let levels = report.integrity.levels;
    let failed: Vec<String> = levels
        .iter()
        .filter(|level| level.outcome == "failed")
        .map(|level| format!("{}: {}", level.name, level.detail))
        .collect();
    if failed.is_empty() {
        return Ok(CopyProof { levels, ..proof });
    }
    let mut failure = Failure::failed("it is damaged");
    failure.causes = failed;
    Err(failure)
}

async fn prove(job: &Job, copy: &Copy, database: &dyn Database) -> Result<CopyProof> {
    let inputs = &job.inputs;
    let identity = database
        .identity()
        .await?
        .ok_or_else(|| Failure::failed("it says nothing of who it is"))?;
    if identity.instance_id != inputs.instance_id {
        return Err(Failure::failed(format!(
            "it says it is instance {}, the backup is of {}",
            identity.instance_id, inputs.instance_id
        )));
    }
    if identity.lineage_id != copy.lineage_id || identity.role != DatabaseRole::Scratch {
        return Err(Failure::failed(format!(
            "it says it is lineage {} with role {:?}, not the copy {}",
            identity.lineage_id, identity.role, copy.lineage_id
        )));
    }
    let schema_version = database.schema_version().await?;
    if !schema_fits(&inputs.target, inputs.schema_version, schema_version) {
        return Err(Failure::failed(format!(
            "its schema is {schema_version:?}, the backup's is {:?}",
            inputs.schema_version
        )));
    }
    Ok(CopyProof {
        lineage_id: identity.lineage_id,
        schema_version,
        newest_heartbeat: database.heartbeat().await?,
        size_bytes: database.size_bytes().await?,
        levels: Vec::new(),
    })
}

/// Between a base backup and a point in time there may have been migrations; and a service's own backups don't say which they hold.
fn schema_fits(target: &RecoveryTarget, backup: Option<i64>, copy: Option<i64>) -> bool {
    match target {
        RecoveryTarget::Backup { .. } => backup.is_none_or(|backup| Some(backup) == copy),
        RecoveryTarget::Time { .. } => copy >= backup,
    }
}
