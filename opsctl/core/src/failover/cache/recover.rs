//! Waits until the cache is whole again: available, failing over by itself, and the node that was the primary follows.

use std::time::Duration;

use async_trait::async_trait;

use super::super::drill::SharedDrill;
use super::super::names::{OBSERVE, RECOVER, TAKE_OVER};
use super::take_over::TookOver;
use super::trail;
use super::waiting::Wait;
use crate::engine::{Step, StepContext, StepState};
use crate::failure::Result;
use crate::guard::Permit;
use crate::names::StepName;
use crate::ports::{Availability, CacheLook, NodeRole, Standing};
use crate::restore::names::step;

/// A new node takes minutes.
const WAIT: Wait = Wait {
    limit: Duration::from_secs(60 * 60),
    what: "the cache does not have all its replicas again",
};

/// Waits.
pub struct Recover(pub SharedDrill);

/// The cache is whole again.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Recovery {
    /// What the service told, in words.
    pub events: Vec<String>,
    /// Whether in the order that it documents.
    pub in_order: bool,
}

/// Whether every node is what it should be; a role that is not told is none to hold against it.
fn roles_are_right(look: &CacheLook, over: &TookOver) -> bool {
    look.nodes.iter().all(|node| match node.role {
        NodeRole::Untold => true,
        NodeRole::Primary => node.name == over.to,
        NodeRole::Replica => node.name != over.to,
    })
}

fn recovered(before: &Standing, over: &TookOver, look: &CacheLook) -> Option<Recovery> {
    let at = &look.standing;
    let trail = trail::since(before, &look.trail);
    let whole = at.availability == Availability::Available && at.has_standby;
    let there = look.nodes.iter().any(|node| node.name == over.from);
    let in_order = trail.is_in_order();
    (whole && there && trail.is_over() && roles_are_right(look, over)).then_some(Recovery {
        events: trail.lines,
        in_order,
    })
}

#[async_trait]
impl Step for Recover {
    type Output = Recovery;

    fn name(&self) -> StepName {
        step(RECOVER)
    }

    async fn check(&self, _: &StepContext<'_>) -> Result<StepState<Recovery>> {
        Ok(StepState::Absent)
    }

    async fn apply(&self, context: &StepContext<'_>, _: &Permit<'_>) -> Result<Recovery> {
        let before: Standing = context.outputs.get(OBSERVE)?;
        let over: TookOver = context.outputs.get(TAKE_OVER)?;
        let see = self
            .0
            .see(context, WAIT, |look| recovered(&before, &over, look));
        see.await
    }
}
