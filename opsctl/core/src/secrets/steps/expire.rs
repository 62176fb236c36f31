//! The wait until nothing is left that the value before is needed for. As long as it takes; any run goes on with it.

use std::time::Duration;

use async_trait::async_trait;

use crate::clock::Timestamp;
use crate::engine::{Step, StepContext, StepState};
use crate::failure::Result;
use crate::guard::Permit;
use crate::names::StepName;
use crate::secrets::observe::stopped;

/// Between two looks at the clock and at who wants this to stop.
const PAUSE: Duration = Duration::from_millis(500);

/// It is that moment, or later.
pub struct Expire {
    pub name: &'static str,
    pub moment: Timestamp,
}

#[async_trait]
impl Step for Expire {
    type Output = Timestamp;

    fn name(&self) -> StepName {
        StepName::fixed(self.name)
    }

    async fn check(&self, context: &StepContext<'_>) -> Result<StepState<Timestamp>> {
        Ok(match context.clock.now() >= self.moment {
            true => StepState::Done(self.moment),
            false => StepState::Absent,
        })
    }

    async fn apply(&self, context: &StepContext<'_>, _: &Permit<'_>) -> Result<Timestamp> {
        loop {
            let left = context.clock.now().age(self.moment);
            if left.is_zero() {
                return Ok(self.moment);
            }
            if let Some(reason) = context.interrupt.requested() {
                return Err(stopped(&format!("until {}", self.moment), &reason));
            }
            context.progress.at(left.as_secs(), 0, "seconds left");
            tokio::time::sleep(PAUSE.min(left)).await;
        }
    }
}
