//! `TestFailover`: the primary is killed and a replica takes over; so many times a day and no more.

use std::sync::Arc;

use super::{
    described,
    group::{End, SHARD},
    nodes::locked,
    state::State,
};
use crate::{
    course::Phase,
    endpoint::{Asked, Elements, Refusal},
};

const DAY: time::Duration = time::Duration::hours(24);

pub(super) fn test(state: &mut State, asked: &Asked) -> Result<Elements, Refusal> {
    let shard = asked.parameters.required("NodeGroupId")?.to_owned();
    let (now, delays) = (state.now(), state.delays);
    let group = state.group(asked)?;
    if shard != SHARD {
        let message = format!("Node group {shard} not found.");
        return Err(Refusal::not_found("NodeGroupNotFoundFault", message));
    }
    group.must_be_available()?;
    if !group.settings.automatic_failover {
        let message = "Automatic failover must be enabled for the replication group.";
        return Err(Refusal::new("InvalidReplicationGroupState", message));
    }
    state.may_test(asked)?;
    let group = state.group(asked)?;
    let nodes = group.nodes.clone().ok_or_else(|| {
        let message = "The replication group has no nodes.";
        Refusal::new("InvalidReplicationGroupState", message)
    })?;
    let before = locked(&nodes).primary();
    group.close_primary(before);
    let (promoting, recovering) = (Arc::clone(&nodes), nodes);
    let promote = move || locked(&promoting).fail_over().map(|()| None);
    let recover = move || locked(&recovering).recover().map(|()| None);
    let phase = Phase::new("modifying", delays.failing_over, End::FailedOver(before));
    group.then(now, phase.doing(promote));
    let phase = Phase::new("modifying", delays.recovering, End::Recovered(before));
    group.then(now, phase.doing(recover));
    let (id, told) = (group.id.clone(), described::group(group));
    state.tested.push((asked.home.clone(), now));
    let message = format!("Test Failover API called for node group {SHARD}");
    state.tell(&id, &message);
    Ok(Elements::new().inside("ReplicationGroup", told))
}

impl State {
    /// Whether the day has room for one more.
    fn may_test(&mut self, asked: &Asked) -> Result<(), Refusal> {
        let since = self.now() - DAY;
        self.tested.retain(|(_, at)| *at > since);
        let here = self.tested.iter().filter(|(home, _)| *home == asked.home);
        if here.count() < self.failovers_a_day {
            return Ok(());
        }
        let message = format!(
            "The customer has exceeded the allowed rate of API calls: {} node groups in 24 hours.",
            self.failovers_a_day
        );
        Err(Refusal::new("APICallRateForCustomerExceeded", message))
    }
}
