//! `opsctl backup export`: a logical dump, kept where no instance of the database is: what is left when its service is lost.

use std::sync::Arc;

use async_trait::async_trait;

use super::create::{Source, lineage, newest};
use crate::engine::{
    Action, Conclusion, Effect, ErasedStep, Operation, OperationKind, Outputs, Plan, Precondition,
    Severity, Step, StepContext, StepState, When, erase,
};
use crate::failure::{Failure, FailureKind, Result};
use crate::guard::Permit;
use crate::names::{InstanceId, LineageId, StepName};
use crate::ports::{BackupFinding, BackupRecord, Backups, World};

const EXPORT: &str = "export";

/// The inputs of the plan.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExportInputs {
    /// The database that is exported.
    pub instance_id: InstanceId,
    /// Its line of history.
    pub lineage_id: LineageId,
}

/// Plans an export.
///
/// # Errors
/// When the environment has no database yet.
pub fn plan_export(source: &Source) -> Result<Plan> {
    let name = &source.environment;
    let descriptor = source.descriptor.as_ref().ok_or_else(|| {
        Failure::refused(format!("'{name}' has no database yet"))
            .left("nothing was changed")
            .hint(format!("opsctl --env {name} migrate up"))
    })?;
    let inputs = ExportInputs {
        instance_id: descriptor.instance_id,
        lineage_id: descriptor.lineage_id,
    };
    let id = source.operation.backup();
    let summary = format!(
        "dump the database as {id}, from its replica where there is one, while it is in use"
    );
    Ok(Plan {
        format: Plan::FORMAT,
        operation: source.operation.clone(),
        kind: OperationKind::BackupExport,
        environment: name.clone(),
        created_at: source.now,
        opsctl_version: source.opsctl_version.clone(),
        // It adds an export and takes no lock, as taking a backup does.
        severity: Severity::Mild,
        resources: Vec::new(),
        actions: vec![Action {
            step: StepName::fixed(EXPORT),
            effect: Effect::Create,
            object: id.to_string(),
            summary,
            when: When::Success,
        }],
        preconditions: vec![lineage(inputs.lineage_id)],
        context: vec![newest("newest export before", source)],
        cost: None,
        unchecked: vec![format!(
            "whether it can be restored: `opsctl backup verify {id}` restores it"
        )],
        point_of_no_return: None,
        inputs: serde_json::to_value(&inputs)
            .map_err(|error| Failure::failed("the inputs can't be written").because(error))?,
    })
}

/// An export that can run.
pub struct BackupExport {
    world: World,
    exports: Arc<dyn Backups>,
}

impl BackupExport {
    /// The operation that `plan` describes.
    ///
    /// # Errors
    /// When the plan's inputs have another form, or the environment has no place for exports.
    pub fn from_plan(plan: &Plan, world: &World) -> Result<Self> {
        let _: ExportInputs = plan.inputs()?;
        Ok(Self {
            exports: Arc::clone(world.exports()?),
            world: world.clone(),
        })
    }
}

#[async_trait]
impl Operation for BackupExport {
    fn steps(&self) -> Vec<Box<dyn ErasedStep>> {
        vec![erase(Export(Arc::clone(&self.exports)))]
    }

    async fn observe(&self) -> Result<Vec<Precondition>> {
        let descriptor = self.world.pointer.read().await?;
        let found = descriptor.map(|descriptor| lineage(descriptor.lineage_id));
        Ok(found.into_iter().collect())
    }

    fn conclude(&self, outputs: &Outputs) -> Result<Conclusion> {
        let record: BackupRecord = outputs.get(EXPORT)?;
        Ok(Conclusion::kept(serde_json::json!({ "export": record })))
    }
}

struct Export(Arc<dyn Backups>);

#[async_trait]
impl Step for Export {
    type Output = BackupRecord;

    fn name(&self) -> StepName {
        StepName::fixed(EXPORT)
    }

    async fn check(&self, context: &StepContext<'_>) -> Result<StepState<BackupRecord>> {
        self.0.check(&context.operation.backup()).await
    }

    async fn apply(&self, context: &StepContext<'_>, permit: &Permit<'_>) -> Result<BackupRecord> {
        let id = context.operation.backup();
        self.0.create(permit, &id, &context.progress).await
    }

    async fn verify(&self, context: &StepContext<'_>, record: &BackupRecord) -> Result<()> {
        let found = self.0.glance(&record.id, &context.progress).await?;
        let words = |finding: &BackupFinding| format!("{}: {}", finding.file, finding.detail);
        match found.first() {
            None => Ok(()),
            Some(finding) => Err(Failure::new(
                FailureKind::Unknown,
                format!("export '{}' is not what was written", record.id),
            )
            .cause(words(finding))),
        }
    }
}
