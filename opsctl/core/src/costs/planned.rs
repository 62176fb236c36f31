//! What the plan of an operation says that it costs: how big it will be is asked, and an operation goes on without an answer.

use super::Cost;
use crate::clock::Timestamp;
use crate::engine::{Fact, Plan};
use crate::failure::Result;
use crate::names::BackupId;
use crate::ports::{Sizing, World};
use crate::restore::in_time;

/// How long something is paid for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Billed {
    /// The operation ends it; whatever happens, it is reaped then.
    UntilItEnds(Timestamp),
    /// It is set aside, and somebody should have decided by then.
    WhileKept(Timestamp),
}

impl Billed {
    fn told(self, cost: &Cost, now: Timestamp) -> String {
        match self {
            Self::UntilItEnds(end) => cost.until(now, end),
            Self::WhileKept(due) => format!(
                "{}, for the instance that is set aside, until `restore set-aside remove`: due {due}",
                cost.while_kept()
            ),
        }
    }
}

/// The plan, with what it costs; as it was where nothing is billed.
#[must_use]
pub fn priced(mut plan: Plan, cost: Option<Cost>, billed: Billed) -> Plan {
    if let Some(cost) = &cost {
        plan.context.push(Fact {
            name: "cost".into(),
            value: billed.told(cost, plan.created_at),
        });
    }
    plan.cost = cost;
    plan
}

/// What a scratch copy of that backup costs; `None` where nothing is billed.
pub async fn of_copy(world: &World, backup: &BackupId) -> Option<Cost> {
    let sizes = world.sizes.as_ref()?;
    Some(told(world, "a copy", in_time(sizes.copy_of(backup)).await))
}

/// What the instance that serves costs; `None` where nothing is billed.
pub async fn of_serving(world: &World) -> Option<Cost> {
    let sizes = world.sizes.as_ref()?;
    Some(told(world, "the instance", in_time(sizes.serving()).await))
}

/// An operation goes on without knowing what it costs, and says so.
fn told(world: &World, what: &str, sizing: Result<Sizing>) -> Cost {
    let aws = world.environment.settings.aws.as_ref();
    let own = aws.map(|aws| aws.prices.clone()).unwrap_or_default();
    match sizing {
        Ok(sizing) => Cost::of(&sizing, &own),
        Err(failure) => Cost::untold(what, failure.what),
    }
}
