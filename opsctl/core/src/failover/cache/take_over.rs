//! Waits until a replica has taken over: the service tells of it, and where it tells roles, another node is the primary.

use std::time::Duration;

use async_trait::async_trait;

use super::super::drill::SharedDrill;
use super::super::names::{OBSERVE, TAKE_OVER};
use super::trail;
use super::waiting::Wait;
use crate::engine::{Step, StepContext, StepState};
use crate::failure::Result;
use crate::guard::Permit;
use crate::names::StepName;
use crate::ports::{CacheLook, Standing};
use crate::restore::names::step;

/// Typically under a minute.
const WAIT: Wait = Wait {
    limit: Duration::from_secs(30 * 60),
    what: "no replica of the cache takes over",
};

/// Waits.
pub struct TakeOver(pub SharedDrill);

/// Who is the primary now.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct TookOver {
    /// The primary before.
    pub from: String,
    /// The primary now.
    pub to: String,
}

fn taken_over(before: &Standing, look: &CacheLook) -> Option<TookOver> {
    let change = trail::since(before, &look.trail).change?;
    let primary = look.standing.zone.as_str();
    let shows = primary.is_empty() || primary == change.to;
    shows.then_some(TookOver {
        from: change.from,
        to: change.to,
    })
}

#[async_trait]
impl Step for TakeOver {
    type Output = TookOver;

    fn name(&self) -> StepName {
        step(TAKE_OVER)
    }

    async fn check(&self, _: &StepContext<'_>) -> Result<StepState<TookOver>> {
        Ok(StepState::Absent)
    }

    async fn apply(&self, context: &StepContext<'_>, _: &Permit<'_>) -> Result<TookOver> {
        let before: Standing = context.outputs.get(OBSERVE)?;
        let see = self.0.see(context, WAIT, |look| taken_over(&before, look));
        see.await
    }
}
