//! Asks for the failover, never twice: that it was asked for is kept before the call, and a call without an answer is looked
//! for in what the service tells.

use std::time::Duration;

use async_trait::async_trait;
use tokio::time::{Instant, sleep};

use super::super::drill::SharedDrill;
use super::super::names::{FAIL_OVER, OBSERVE};
use crate::clock::Timestamp;
use crate::engine::{Step, StepContext, StepState};
use crate::failure::{Failure, FailureKind, Result};
use crate::guard::Permit;
use crate::names::{OperationId, StepName};
use crate::ports::{Availability, FailoverAsked, Standing};
use crate::restore::names::step;
use crate::state::{Key, StoreError, encode};

/// So many looks without a trace say that a call without an answer came to nobody.
const LOOKS: u32 = 24;
/// So often a failover that is refused for the moment is asked for.
const REFUSALS: u32 = 5;

/// Asks.
pub struct FailOver(pub SharedDrill);

/// That it was asked for.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Called {
    /// When, by opsctl's clock.
    pub at: Timestamp,
}

/// Where it is kept that an operation asked for a failover.
pub fn asked_key(operation: &OperationId) -> Key {
    Key::of(&["failovers", operation.as_str(), "asked.json"])
}

impl FailOver {
    /// Whether an earlier run asked, answered or not.
    async fn was_asked(&self) -> Result<bool> {
        let store = self.0.world.store.as_ref();
        Ok(store.read(&asked_key(&self.0.operation)).await?.is_some())
    }

    /// Keeps that it is asked for; after this nobody asks without looking first.
    async fn keep(&self, called: &Called) -> Result<()> {
        let key = asked_key(&self.0.operation);
        match self.0.world.store.create(&key, &encode(called)?).await {
            Ok(()) | Err(StoreError::Conflict(_)) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// Looks for a trace of the failover for as long as one may take to show.
    async fn shows(&self, before: &Standing) -> Result<bool> {
        for look in 0..LOOKS {
            if look > 0 {
                sleep(self.0.inputs.pace.poll.0).await;
            }
            let now = self.0.standby()?.look().await?;
            if now.failed_over_since(before) || now.availability != Availability::Available {
                return Ok(true);
            }
        }
        Ok(false)
    }

    async fn ask(&self, before: &Standing, permit: &Permit<'_>) -> Result<()> {
        let (standby, begun) = (self.0.standby()?, Instant::now());
        for attempt in 1.. {
            permit.check()?;
            match standby.fail_over(permit, &before.instance).await? {
                FailoverAsked::Accepted => return Ok(()),
                FailoverAsked::Refused(failure) if attempt >= REFUSALS => return Err(failure),
                FailoverAsked::Refused(_) => sleep(self.0.inputs.pace.poll.0).await,
                FailoverAsked::Unanswered(failure) => {
                    return match self.shows(before).await? {
                        true => Ok(()),
                        false => Err(silent(failure, begun.elapsed())),
                    };
                }
            }
        }
        Ok(())
    }
}

fn silent(failure: Failure, after: Duration) -> Failure {
    let seconds = after.as_secs();
    failure
        .with_kind(FailureKind::Unknown)
        .in_context("the failover was asked for and not answered")
        .cause(format!("after {seconds} s the service tells of none"))
}

#[async_trait]
impl Step for FailOver {
    type Output = Called;

    fn name(&self) -> StepName {
        step(FAIL_OVER)
    }

    async fn check(&self, _: &StepContext<'_>) -> Result<StepState<Called>> {
        Ok(match self.was_asked().await? {
            true => StepState::InFlight,
            false => StepState::Absent,
        })
    }

    async fn apply(&self, context: &StepContext<'_>, permit: &Permit<'_>) -> Result<Called> {
        let before: Standing = context.outputs.get(OBSERVE)?;
        let called = Called {
            at: context.clock.now(),
        };
        if self.was_asked().await? && self.shows(&before).await? {
            context.progress.note("it was asked for before, and began");
            return Ok(called);
        }
        self.keep(&called).await?;
        self.ask(&before, permit).await?;
        Ok(called)
    }

    /// From here on nothing before is asked again.
    fn releases(&self) -> bool {
        true
    }
}
