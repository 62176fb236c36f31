//! A step for any operation: clear away what earlier ones left past its end.

use async_trait::async_trait;

use crate::engine::{Action, Effect, Step, StepContext, StepState, When};
use crate::failure::Result;
use crate::guard::Permit;
use crate::names::StepName;
use crate::ports::World;
use crate::restore::{Settled, settle};

/// The step's name.
pub const REAP: &str = "reap-leftovers";

fn name() -> StepName {
    StepName::new(REAP).expect("a fixed word of lower-case letters is a valid name")
}

/// The action that the step carries out; it belongs at the end of a plan.
#[must_use]
pub fn reap_action() -> Action {
    Action {
        step: name(),
        effect: Effect::Destroy,
        object: "what earlier operations left".to_owned(),
        summary: "end copies that are past their end, and fence databases that came back"
            .to_owned(),
        when: When::Success,
    }
}

/// Settles what it can, tells what it can't, and never fails the operation for it.
pub struct Reap {
    /// The outside.
    pub world: World,
}

#[async_trait]
impl Step for Reap {
    type Output = Settled;

    fn name(&self) -> StepName {
        name()
    }

    async fn check(&self, _: &StepContext<'_>) -> Result<StepState<Settled>> {
        Ok(StepState::Absent)
    }

    async fn apply(&self, context: &StepContext<'_>, permit: &Permit<'_>) -> Result<Settled> {
        settle(&self.world, permit, &context.progress).await
    }
}
