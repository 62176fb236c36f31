//! Puts the backup's files in place, every one checked.

use async_trait::async_trait;

use super::super::job::SharedJob;
use super::super::names::{FETCH, step};
use crate::engine::{Step, StepContext, StepState};
use crate::failure::Result;
use crate::guard::Permit;
use crate::names::{ScratchName, StepName};
use crate::ports::CopyState;

/// Fetches the copy.
pub struct Fetch(pub SharedJob);

/// What was fetched.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Fetched {
    /// The copy.
    pub name: ScratchName,
}

impl Fetch {
    async fn state(&self) -> Result<CopyState> {
        self.0.world.copies.state(&self.0.inputs.scratch).await
    }

    fn fetched(&self) -> Fetched {
        Fetched {
            name: self.0.inputs.scratch.clone(),
        }
    }
}

#[async_trait]
impl Step for Fetch {
    type Output = Fetched;

    fn name(&self) -> StepName {
        step(FETCH)
    }

    async fn check(&self, _: &StepContext<'_>) -> Result<StepState<Fetched>> {
        Ok(match self.state().await? {
            CopyState::Absent => StepState::Absent,
            CopyState::Partial => StepState::InFlight,
            CopyState::Fetched | CopyState::Running(_) => StepState::Done(self.fetched()),
            CopyState::Foreign(what) => StepState::Foreign(what),
        })
    }

    async fn apply(&self, context: &StepContext<'_>, permit: &Permit<'_>) -> Result<Fetched> {
        let inputs = &self.0.inputs;
        let copies = &self.0.world.copies;
        copies
            .fetch(
                permit,
                &inputs.scratch,
                &inputs.target,
                inputs.expires_at,
                &context.progress,
            )
            .await?;
        Ok(self.fetched())
    }

    async fn still_holds(&self, _: &StepContext<'_>, _: &Fetched) -> Result<bool> {
        if self.0.has_switched().await? {
            return Ok(true);
        }
        let state = self.state().await?;
        Ok(!matches!(state, CopyState::Absent | CopyState::Partial))
    }
}
