//! All that ElastiCache holds, in every account and region.

use std::{collections::BTreeMap, sync::Arc};

use super::{events::Event, front::ElastiCacheDelays, group::Group};
use crate::{
    clock::{Clock, Moment},
    endpoint::{Asked, Faults, Home, Refusal},
    relay::Shore,
};

/// A name in an account and a region.
pub(super) type Id = (Home, String);

pub(super) struct State {
    pub shore: Shore,
    pub clock: Arc<Clock>,
    pub faults: Arc<Faults>,
    pub delays: ElastiCacheDelays,
    pub groups: BTreeMap<Id, Group>,
    pub events: Vec<Event>,
    pub failovers_a_day: usize,
    /// When failovers were tested, and where.
    pub tested: Vec<(Home, Moment)>,
}

impl State {
    pub fn now(&self) -> Moment {
        self.clock.now()
    }

    /// The group that is asked for.
    pub fn group(&mut self, asked: &Asked) -> Result<&mut Group, Refusal> {
        let name = asked.parameters.required("ReplicationGroupId")?;
        let id = (asked.home.clone(), name.to_ascii_lowercase());
        let message = format!("ReplicationGroup {name} not found.");
        let found = self.groups.get_mut(&id);
        found.ok_or_else(|| Refusal::not_found("ReplicationGroupNotFoundFault", message))
    }
}
