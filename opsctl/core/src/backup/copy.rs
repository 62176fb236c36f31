//! `opsctl backup copy`: a backup into the second place, where it outlives the first.

use async_trait::async_trait;

use super::create::manifest;
use crate::clock::Timestamp;
use crate::engine::{
    Action, Conclusion, Effect, ErasedStep, Fact, Operation, OperationKind, Outputs, Plan,
    Precondition, Severity, Step, StepContext, StepState, When, erase,
};
use crate::environment::Environment;
use crate::failure::{Failure, FailureKind, Result};
use crate::guard::Permit;
use crate::names::{BackupId, OperationId, StepName};
use crate::ports::{Away, BackupRecord, World};

const COPY: &str = "copy";

/// What a copy is planned from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CopyObserved {
    /// The operation's id.
    pub operation: OperationId,
    /// Now.
    pub now: Timestamp,
    /// The version of opsctl.
    pub opsctl_version: String,
    /// The complete backups, oldest data first.
    pub backups: Vec<BackupRecord>,
    /// The second place, where there is one.
    pub away: Option<Away>,
    /// Which backup; `None`: the newest.
    pub wish: Option<BackupId>,
}

impl CopyObserved {
    /// Looks.
    ///
    /// # Errors
    /// When either place can't be listed.
    pub async fn see(
        world: &World,
        operation: OperationId,
        opsctl_version: &str,
        wish: Option<BackupId>,
    ) -> Result<Self> {
        Ok(Self {
            operation,
            now: world.clock.now(),
            opsctl_version: opsctl_version.to_owned(),
            backups: world.backups.list().await?.0,
            away: world.backups.away().await?,
            wish,
        })
    }
}

/// The inputs of the plan.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CopyInputs {
    /// Which backup.
    pub backup: BackupId,
    /// Its manifest's sum.
    pub manifest_sha256: String,
    /// Where it goes.
    pub place: String,
}

/// Plans a copy.
///
/// # Errors
/// When there is no second place, or no such backup.
pub fn plan_copy(observed: &CopyObserved, environment: &Environment) -> Result<Plan> {
    let name = &environment.name;
    let away = observed.away.as_ref().ok_or_else(|| {
        Failure::usage(format!("'{name}' has no second place for its backups"))
            .hint("an environment in AWS has one: `aws.backup_region` in opsctl.yaml")
    })?;
    let backup = chosen(observed).ok_or_else(|| {
        Failure::refused(match &observed.wish {
            Some(id) => format!("there is no backup '{id}'"),
            None => format!("'{name}' has no backup to copy"),
        })
        .left("nothing was changed")
        .hint(format!("opsctl --env {name} backup list"))
    })?;
    let inputs = CopyInputs {
        backup: backup.id.clone(),
        manifest_sha256: backup.manifest_sha256.clone(),
        place: away.place.clone(),
    };
    Ok(Plan {
        format: Plan::FORMAT,
        operation: observed.operation.clone(),
        kind: OperationKind::BackupCopy,
        environment: name.clone(),
        created_at: observed.now,
        opsctl_version: observed.opsctl_version.clone(),
        // It adds a copy and takes no lock, as taking a backup does.
        severity: Severity::Mild,
        resources: Vec::new(),
        actions: vec![Action {
            step: StepName::fixed(COPY),
            effect: Effect::Create,
            object: backup.id.to_string(),
            summary: format!("copy backup {} to {}", backup.id, away.place),
            when: When::Success,
        }],
        preconditions: vec![manifest(backup)],
        context: vec![newest_there(away)],
        cost: None,
        unchecked: vec!["how long it waits behind other copies of the same database".to_owned()],
        point_of_no_return: None,
        inputs: serde_json::to_value(&inputs)
            .map_err(|error| Failure::failed("the inputs can't be written").because(error))?,
    })
}

fn chosen(observed: &CopyObserved) -> Option<&BackupRecord> {
    match &observed.wish {
        Some(id) => observed.backups.iter().find(|record| record.id == *id),
        None => observed.backups.last(),
    }
}

fn newest_there(away: &Away) -> Fact {
    let value = away.backups.last().map_or_else(
        || "none".to_owned(),
        |record| format!("{}, of {}", record.id, record.recovery_point.taken_at),
    );
    Fact {
        name: format!("newest copy in {}", away.place),
        value,
    }
}

/// A copy that can be made.
pub struct BackupCopy {
    world: World,
    inputs: CopyInputs,
}

impl BackupCopy {
    /// The operation that `plan` describes.
    ///
    /// # Errors
    /// When the plan's inputs have another form.
    pub fn from_plan(plan: &Plan, world: &World) -> Result<Self> {
        Ok(Self {
            world: world.clone(),
            inputs: plan.inputs()?,
        })
    }
}

#[async_trait]
impl Operation for BackupCopy {
    fn steps(&self) -> Vec<Box<dyn ErasedStep>> {
        vec![erase(CopyIt {
            world: self.world.clone(),
            id: self.inputs.backup.clone(),
        })]
    }

    async fn observe(&self) -> Result<Vec<Precondition>> {
        let found = self.world.backups.check(&self.inputs.backup).await?;
        Ok(match found {
            StepState::Done(record) => vec![manifest(&record)],
            _ => Vec::new(),
        })
    }

    fn conclude(&self, outputs: &Outputs) -> Result<Conclusion> {
        let copy: BackupRecord = outputs.get(COPY)?;
        let place = &self.inputs.place;
        Ok(Conclusion::kept(
            serde_json::json!({ "copy": copy, "place": place }),
        ))
    }
}

struct CopyIt {
    world: World,
    id: BackupId,
}

#[async_trait]
impl Step for CopyIt {
    type Output = BackupRecord;

    fn name(&self) -> StepName {
        StepName::fixed(COPY)
    }

    async fn check(&self, _: &StepContext<'_>) -> Result<StepState<BackupRecord>> {
        self.world.backups.check_away(&self.id).await
    }

    async fn apply(&self, context: &StepContext<'_>, permit: &Permit<'_>) -> Result<BackupRecord> {
        let backups = self.world.backups.as_ref();
        backups.copy_away(permit, &self.id, &context.progress).await
    }

    async fn verify(&self, _: &StepContext<'_>, _: &BackupRecord) -> Result<()> {
        match self.world.backups.check_away(&self.id).await? {
            StepState::Done(_) => Ok(()),
            _ => Err(Failure::new(
                FailureKind::Unknown,
                format!("the copy of backup '{}' is not there", self.id),
            )),
        }
    }
}
