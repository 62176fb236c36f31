//! `opsctl restore discard`: removes a scratch copy before its expiry.

use async_trait::async_trait;
use serde_json::json;

use super::super::actions::action;
use super::super::names::{DISCARD, step};
use crate::engine::Basis;
use crate::engine::{
    Conclusion, Effect, ErasedStep, Operation, OperationKind, Outputs, Plan, Precondition, Step,
    StepContext, StepState, erase,
};
use crate::failure::{Failure, Result};
use crate::guard::Permit;
use crate::names::{ScratchName, StepName};
use crate::ports::{CopyState, World};

#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Inputs {
    copy: ScratchName,
}

/// Plans to remove a copy.
///
/// # Errors
/// Refuses when there is none of that name.
pub fn plan_discard(basis: &Basis<'_>, copy: &ScratchName, state: &CopyState) -> Result<Plan> {
    let refuse = |what: String| Failure::refused(what).left("nothing was changed");
    match state {
        CopyState::Absent => return Err(refuse(format!("there is no copy '{copy}'"))),
        CopyState::Foreign(what) => {
            return Err(refuse(format!("'{copy}' is not a copy of opsctl's")).cause(what));
        }
        CopyState::Partial | CopyState::Fetched | CopyState::Running(_) => {}
    }
    let object = format!("copy {copy}");
    Ok(Plan {
        actions: vec![action(DISCARD, Effect::Destroy, object, "remove it")],
        ..Plan::of(
            OperationKind::RestoreDiscard,
            basis,
            &Inputs { copy: copy.clone() },
        )?
    })
}

/// A copy that can be removed.
pub struct DiscardCopy {
    world: World,
    copy: ScratchName,
}

impl DiscardCopy {
    /// The operation that `plan` describes.
    ///
    /// # Errors
    /// When the plan's inputs have another form.
    pub fn from_plan(plan: &Plan, world: &World) -> Result<Self> {
        let Inputs { copy } = plan.inputs()?;
        Ok(Self {
            world: world.clone(),
            copy,
        })
    }
}

#[async_trait]
impl Operation for DiscardCopy {
    fn steps(&self) -> Vec<Box<dyn ErasedStep>> {
        vec![erase(Discard {
            world: self.world.clone(),
            copy: self.copy.clone(),
        })]
    }

    async fn observe(&self) -> Result<Vec<Precondition>> {
        Ok(Vec::new())
    }

    fn conclude(&self, _: &Outputs) -> Result<Conclusion> {
        Ok(Conclusion::kept(json!({ "discarded": self.copy })))
    }
}

struct Discard {
    world: World,
    copy: ScratchName,
}

#[async_trait]
impl Step for Discard {
    type Output = ();

    fn name(&self) -> StepName {
        step(DISCARD)
    }

    async fn check(&self, _: &StepContext<'_>) -> Result<StepState<()>> {
        Ok(match self.world.copies.state(&self.copy).await? {
            CopyState::Absent => StepState::Done(()),
            CopyState::Foreign(what) => StepState::Foreign(what),
            _ => StepState::Absent,
        })
    }

    async fn apply(&self, _: &StepContext<'_>, permit: &Permit<'_>) -> Result<()> {
        self.world.copies.discard(permit, &self.copy).await
    }
}
