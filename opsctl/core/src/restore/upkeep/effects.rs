//! `opsctl restore effects replay|discard`: lets outbox and jobs work again after a cut-over.
//!
//! The schema has neither yet. What is kept is the word of the operator and the switch in the database's
//! identity that both will obey.

use async_trait::async_trait;
use serde_json::json;

use super::super::actions::action;
use super::super::facts;
use super::super::names::step;
use super::super::observe::{Live, identity};
use crate::engine::Basis;
use crate::engine::{
    Conclusion, Effect, ErasedStep, Fact, Operation, OperationKind, Outputs, Plan, Precondition,
    Severity, Step, StepContext, StepState, erase,
};
use crate::failure::{Failure, FailureKind, Result};
use crate::guard::Permit;
use crate::names::{LineageId, ResourceName, StepName};
use crate::ports::{DatabaseIdentity, Effects, Location, World};

const RELEASE: &str = "release";

/// What becomes of the effects that were held.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Release {
    /// They happen, though some may have happened before the incident already.
    Replay,
    /// They never happen.
    Discard,
}

#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Inputs {
    release: Release,
    lineage_id: LineageId,
    administrator: Location,
}

/// Plans to release the effects of the live database.
///
/// # Errors
/// Refuses when none are held, or the database does not answer.
pub fn plan_effects(basis: &Basis<'_>, live: &Live, release: Release) -> Result<Plan> {
    let name = &basis.environment.name;
    let found = live.answer.clone().map_err(|failure| {
        failure
            .in_context(format!("the live database of '{name}' does not answer"))
            .left("nothing was changed")
    })?;
    if found.effects == Effects::Flowing {
        return Err(
            Failure::refused(format!("'{name}' holds no effects")).left("nothing was changed")
        );
    }
    let lineage_id = live.descriptor.lineage_id;
    let inputs = Inputs {
        release,
        lineage_id,
        administrator: live.administrator.clone(),
    };
    let summary = match release {
        Release::Replay => "let outbox and jobs work, with what they hold",
        Release::Discard => "let outbox and jobs work, without what they hold",
    };
    let mut descriptor = facts::descriptor_precondition(Some(&live.descriptor));
    descriptor.until = None;
    let object = format!("database of lineage {lineage_id}");
    Ok(Plan {
        severity: Severity::Severe,
        resources: vec![ResourceName::new("database")?],
        actions: vec![action(RELEASE, Effect::Change, object, summary)],
        preconditions: vec![descriptor],
        context: vec![Fact {
            name: "held".into(),
            value: "nothing: the schema has neither outbox nor jobs yet".into(),
        }],
        ..Plan::of(OperationKind::RestoreEffects, basis, &inputs)?
    })
}

/// Effects that can be released.
pub struct ReleaseEffects {
    world: World,
    inputs: Inputs,
}

impl ReleaseEffects {
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
impl Operation for ReleaseEffects {
    fn steps(&self) -> Vec<Box<dyn ErasedStep>> {
        vec![erase(ReleaseStep {
            world: self.world.clone(),
            inputs: self.inputs.clone(),
        })]
    }

    async fn observe(&self) -> Result<Vec<Precondition>> {
        let found = self.world.pointer.read().await?;
        Ok(vec![facts::descriptor_precondition(found.as_ref())])
    }

    fn conclude(&self, _: &Outputs) -> Result<Conclusion> {
        Ok(Conclusion::kept(json!({
            "environment": self.world.environment.name,
            "lineage_id": self.inputs.lineage_id,
            "released": self.inputs.release,
        })))
    }
}

struct ReleaseStep {
    world: World,
    inputs: Inputs,
}

impl ReleaseStep {
    async fn found(&self) -> Result<DatabaseIdentity> {
        let found = identity(&self.world, &self.inputs.administrator).await?;
        if found.lineage_id == self.inputs.lineage_id {
            return Ok(found);
        }
        let what = "another database answers than the plan found";
        Err(Failure::new(FailureKind::Refused, what).left("nothing was changed"))
    }
}

#[async_trait]
impl Step for ReleaseStep {
    type Output = ();

    fn name(&self) -> StepName {
        step(RELEASE)
    }

    async fn check(&self, _: &StepContext<'_>) -> Result<StepState<()>> {
        Ok(match self.found().await?.effects {
            Effects::Flowing => StepState::Done(()),
            Effects::Held => StepState::Absent,
        })
    }

    async fn apply(&self, _: &StepContext<'_>, permit: &Permit<'_>) -> Result<()> {
        let flowing = DatabaseIdentity {
            effects: Effects::Flowing,
            ..self.found().await?
        };
        let databases = &self.world.databases;
        let database = databases.open(&self.inputs.administrator).await?;
        let written = database.set_identity(permit, &flowing).await;
        database.close().await;
        written
    }
}
