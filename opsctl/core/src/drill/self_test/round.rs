//! One trial as a step: restore, damage, examine, end.

use async_trait::async_trait;

use super::super::DrillInputs;
use super::trial::{Trial, step_name};
use crate::engine::{Step, StepContext, StepState};
use crate::failure::{Failure, Result};
use crate::guard::Permit;
use crate::integrity::{Damage, Options, examine};
use crate::names::StepName;
use crate::ports::{Copy, RecoveryTarget, World};

/// The control that comes first; the fingerprints of its tables are what the other copies must come to.
pub(super) const BEFORE: &str = "control-before";
/// The control that comes last.
pub(super) const AFTER: &str = "control-after";

/// What a round does to its copy.
#[derive(Debug, Clone)]
pub(super) enum Treatment {
    /// Nothing; the name of the step.
    Control(&'static str),
    /// Damage.
    Damage(Damage),
}

/// One trial.
pub(super) struct Round {
    pub(super) world: World,
    pub(super) inputs: DrillInputs,
    pub(super) treatment: Treatment,
}

#[async_trait]
impl Step for Round {
    type Output = Trial;

    fn name(&self) -> StepName {
        StepName::fixed(match &self.treatment {
            Treatment::Control(name) => name,
            Treatment::Damage(damage) => step_name(damage.kind),
        })
    }

    async fn check(&self, _: &StepContext<'_>) -> Result<StepState<Trial>> {
        // A trial that was cut in two proves nothing: it begins again.
        Ok(StepState::Absent)
    }

    async fn apply(&self, context: &StepContext<'_>, permit: &Permit<'_>) -> Result<Trial> {
        let copy = self.restore(context, permit).await?;
        let trial = self.examine(context, permit, &copy).await;
        // The next trial takes the same name.
        self.world.copies.discard(permit, &copy.name).await?;
        trial
    }
}

impl Round {
    async fn restore(&self, context: &StepContext<'_>, permit: &Permit<'_>) -> Result<Copy> {
        let (copies, scratch) = (&self.world.copies, context.operation.scratch());
        let target = RecoveryTarget::Backup {
            id: self.inputs.backup.id().clone(),
        };
        copies.discard(permit, &scratch).await?;
        let (until, progress) = (self.inputs.expires_at, &context.progress);
        copies
            .fetch(permit, &scratch, &target, until, progress)
            .await?;
        copies.start(permit, &scratch, progress).await
    }

    async fn examine(
        &self,
        context: &StepContext<'_>,
        permit: &Permit<'_>,
        copy: &Copy,
    ) -> Result<Trial> {
        let mut options = self.options().await?;
        let damage = match &self.treatment {
            Treatment::Control(BEFORE) => None,
            Treatment::Control(_) => {
                options.known_fingerprints = Some(known(context)?);
                None
            }
            Treatment::Damage(damage) => {
                options.known_fingerprints = Some(known(context)?);
                Some(damage)
            }
        };
        let planted = match damage {
            None => None,
            Some(damage) => {
                let (saboteur, progress) = (&self.world.saboteur, &context.progress);
                match saboteur.damage(permit, copy, damage, progress).await? {
                    None => return Ok(Trial::without(damage.clone())),
                    Some(planted) => Some((damage.clone(), planted)),
                }
            }
        };
        let (inspector, source) = (self.world.inspector.as_ref(), self.inputs.source.as_ref());
        let report = examine(inspector, source, copy, &options).await?;
        Ok(match planted {
            None => Trial::control(report),
            Some((damage, planted)) => Trial::damaged(damage, planted, &report),
        })
    }

    async fn options(&self) -> Result<Options> {
        let mut options = Options::of(&self.world.environment);
        let (backups, _) = self.world.backups.list().await?;
        let record = backups
            .into_iter()
            .find(|record| record.id == *self.inputs.backup.id());
        let record = record.ok_or_else(|| {
            Failure::failed(format!("backup {} is gone", self.inputs.backup.id()))
                .hint("opsctl backup list")
        })?;
        options.recorded_heartbeat = record.recovery_point.newest_heartbeat;
        Ok(options)
    }
}

fn known(context: &StepContext<'_>) -> Result<std::collections::BTreeMap<String, String>> {
    Ok(context.outputs.get::<Trial>(BEFORE)?.fingerprints)
}
