//! `opsctl backup create`: take a backup and read it back.

use async_trait::async_trait;

use crate::clock::Timestamp;
use crate::doctor::{Reap, reap_action};
use crate::engine::{
    Action, Conclusion, Effect, ErasedStep, Fact, Operation, OperationKind, Outputs, Plan,
    Precondition, Severity, Step, StepContext, StepState, When, erase,
};
use crate::failure::{Failure, Result};
use crate::guard::Permit;
use crate::names::{EnvironmentName, InstanceId, LineageId, OperationId, StepName};
use crate::ports::{BackupRecord, Descriptor, World};

use super::soundness;

const TAKE: &str = "take";
const LINEAGE: &str = "live lineage";

/// What is backed up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// The operation's id; the backup has the same name.
    pub operation: OperationId,
    /// Where.
    pub environment: EnvironmentName,
    /// Now.
    pub now: Timestamp,
    /// The descriptor; `None` when the environment was never set up.
    pub descriptor: Option<Descriptor>,
    /// The newest backup before this one.
    pub newest: Option<BackupRecord>,
    /// The version of opsctl.
    pub opsctl_version: String,
}

/// The inputs of the plan.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CreateInputs {
    /// The database that is backed up.
    pub instance_id: InstanceId,
    /// Its line of history.
    pub lineage_id: LineageId,
}

/// Plans a backup.
///
/// # Errors
/// When the environment has no database yet.
pub fn plan_create(source: &Source) -> Result<Plan> {
    let Some(descriptor) = &source.descriptor else {
        return Err(
            Failure::refused(format!("'{}' has no database yet", source.environment))
                .left("nothing was changed")
                .hint(format!("opsctl --env {} migrate up", source.environment)),
        );
    };
    let inputs = CreateInputs {
        instance_id: descriptor.instance_id,
        lineage_id: descriptor.lineage_id,
    };
    let id = source.operation.backup();
    Ok(Plan {
        format: Plan::FORMAT,
        operation: source.operation.clone(),
        kind: OperationKind::BackupCreate,
        environment: source.environment.clone(),
        created_at: source.now,
        opsctl_version: source.opsctl_version.clone(),
        // It adds a backup and takes no lock: it never stands in the way of anybody.
        severity: Severity::Mild,
        resources: Vec::new(),
        actions: vec![
            Action {
                step: step(),
                effect: Effect::Create,
                object: id.to_string(),
                summary: format!(
                    "take backup {id} of {} and read it back",
                    descriptor.location.url
                ),
                when: When::Success,
            },
            reap_action(),
        ],
        preconditions: vec![lineage(inputs.lineage_id)],
        context: vec![newest("newest backup before", source)],
        cost: None,
        unchecked: vec!["whether the disk has room for the backup".to_owned()],
        point_of_no_return: None,
        inputs: serde_json::to_value(&inputs)
            .map_err(|error| Failure::failed("the inputs can't be written").because(error))?,
    })
}

fn step() -> StepName {
    StepName::new(TAKE).expect("a fixed word of lower-case letters is a valid name")
}

pub(super) fn lineage(id: LineageId) -> Precondition {
    Precondition {
        name: LINEAGE.to_owned(),
        value: id.to_string(),
        until: None,
    }
}

/// That it is still this backup.
pub(super) fn manifest(record: &BackupRecord) -> Precondition {
    Precondition {
        name: "backup manifest".to_owned(),
        value: record.manifest_sha256.clone(),
        until: None,
    }
}

pub(super) fn newest(name: &str, source: &Source) -> Fact {
    let value = source.newest.as_ref().map_or_else(
        || "none".to_owned(),
        |record| format!("{}, of {}", record.id, record.recovery_point.taken_at),
    );
    Fact {
        name: name.to_owned(),
        value,
    }
}

/// A backup that can be taken.
pub struct BackupCreate {
    world: World,
}

impl BackupCreate {
    /// The operation that `plan` describes.
    ///
    /// # Errors
    /// When the plan's inputs have another form.
    pub fn from_plan(plan: &Plan, world: &World) -> Result<Self> {
        let _: CreateInputs = plan.inputs()?;
        Ok(Self {
            world: world.clone(),
        })
    }
}

#[async_trait]
impl Operation for BackupCreate {
    fn steps(&self) -> Vec<Box<dyn ErasedStep>> {
        let world = || self.world.clone();
        vec![
            erase(Take { world: world() }),
            erase(Reap { world: world() }),
        ]
    }

    async fn observe(&self) -> Result<Vec<Precondition>> {
        let descriptor = self.world.pointer.read().await?;
        Ok(descriptor
            .map(|descriptor| lineage(descriptor.lineage_id))
            .into_iter()
            .collect())
    }

    fn conclude(&self, outputs: &Outputs) -> Result<Conclusion> {
        let record: BackupRecord = outputs.get(TAKE)?;
        let result = serde_json::to_value(&record)
            .map_err(|error| Failure::failed("the record can't be written").because(error))?;
        Ok(Conclusion::kept(serde_json::json!({ "backup": result })))
    }
}

struct Take {
    world: World,
}

#[async_trait]
impl Step for Take {
    type Output = BackupRecord;

    fn name(&self) -> StepName {
        step()
    }

    async fn check(&self, context: &StepContext<'_>) -> Result<StepState<BackupRecord>> {
        self.world.backups.check(&context.operation.backup()).await
    }

    async fn apply(&self, context: &StepContext<'_>, permit: &Permit<'_>) -> Result<BackupRecord> {
        let id = context.operation.backup();
        let backups = self.world.backups.as_ref();
        backups.create(permit, &id, &context.progress).await
    }

    /// A backup that was never read back is a hope.
    async fn verify(&self, context: &StepContext<'_>, record: &BackupRecord) -> Result<()> {
        let backups = self.world.backups.as_ref();
        soundness(backups, &record.id, &context.progress)
            .await?
            .into_result()
    }
}
