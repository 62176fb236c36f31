//! `opsctl restore undo` as an operation.

use std::sync::Arc;

use async_trait::async_trait;
use serde_json::json;

use super::super::crossing::{
    Account, Beyond, Crossing, Fence, Freeze, Promoted, Prove, SetOldAside, Switch, Thaw, Unfence,
    Unfreeze,
};
use super::super::facts;
use super::super::names::{ACCOUNT, PROMOTE, SET_ASIDE};
use super::UndoInputs;
use super::returning::{DemoteAside, OpenAside, PromoteAside, Returning, VerifyAside};
use crate::engine::{Conclusion, ErasedStep, Operation, Outputs, Plan, Precondition, erase};
use crate::failure::Result;
use crate::lineage::SetAside;
use crate::ports::World;

/// An undo that can run.
pub struct Undo(Returning);

impl Undo {
    /// The undo that `plan` describes.
    ///
    /// # Errors
    /// When the plan's inputs have another form.
    pub fn from_plan(plan: &Plan, world: &World) -> Result<Self> {
        let inputs: UndoInputs = plan.inputs()?;
        let crossing = Arc::new(Crossing {
            world: world.clone(),
            operation: plan.operation.clone(),
            old: inputs.crossing,
        });
        Ok(Self(Returning {
            crossing,
            back_to: inputs.back_to,
        }))
    }
}

#[async_trait]
impl Operation for Undo {
    fn steps(&self) -> Vec<Box<dyn ErasedStep>> {
        let crossing = || Arc::clone(&self.0.crossing);
        let returning = || self.0.clone();
        let other = self.0.back_to.administrator.clone();
        vec![
            erase(Freeze(crossing())),
            erase(Fence(crossing())),
            erase(Account(crossing(), Some(other))),
            erase(VerifyAside(returning())),
            erase(PromoteAside(returning())),
            erase(Switch(crossing())),
            erase(SetOldAside(crossing())),
            erase(Prove(crossing())),
            erase(OpenAside(returning())),
            erase(Unfreeze(crossing())),
            erase(DemoteAside(returning())),
            erase(Unfence(crossing())),
            erase(Thaw(crossing())),
        ]
    }

    async fn observe(&self) -> Result<Vec<Precondition>> {
        let found = self.0.crossing.world.pointer.read().await?;
        Ok(vec![facts::descriptor_precondition(found.as_ref())])
    }

    fn conclude(&self, outputs: &Outputs) -> Result<Conclusion> {
        let environment = &self.0.crossing.world.environment.name;
        let aside: SetAside = outputs.get(SET_ASIDE)?;
        let discarded: Beyond = outputs.get(ACCOUNT)?;
        let new: Promoted = outputs.get(PROMOTE)?;
        Ok(Conclusion::kept(json!({
            "operation": self.0.crossing.operation,
            "environment": environment,
            "lineage_id": new.lineage_id,
            "serves": new.location,
            "sessions_valid_after": new.sessions_valid_after,
            "effects": "held",
            "release_effects": format!("opsctl --env {environment} restore effects replay|discard"),
            "set_aside": aside,
            "discarded": discarded,
            "undo": format!("opsctl --env {environment} restore undo"),
        })))
    }
}
