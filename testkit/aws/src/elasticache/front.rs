//! ElastiCache as the endpoint and as tests see it.

use std::{
    collections::BTreeMap,
    net::IpAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use super::{actions::ACTIONS, state::State};
use crate::{
    clock::Clock,
    endpoint::{Action, Asked, Elements, Faults, Refusal},
    relay::Shore,
};

/// How many shards of an account may be tested in a region within 24 hours.
const FAILOVERS_A_DAY: usize = 15;

/// How long each state of a group lasts, at least; the real work behind may take longer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ElastiCacheDelays {
    /// A new group.
    pub creating: Duration,
    /// Until a replica has taken over: nothing is written meanwhile.
    pub failing_over: Duration,
    /// Until the node that was lost is back.
    pub recovering: Duration,
    /// An end.
    pub deleting: Duration,
}

impl ElastiCacheDelays {
    /// The same for every state.
    #[must_use]
    pub const fn all(lasts: Duration) -> Self {
        Self {
            creating: lasts,
            failing_over: lasts,
            recovering: lasts,
            deleting: lasts,
        }
    }

    /// What the guide says: a failover takes a few seconds, a new node minutes.
    #[must_use]
    pub const fn as_on_aws() -> Self {
        Self {
            creating: Duration::from_secs(8 * 60),
            failing_over: Duration::from_secs(15),
            recovering: Duration::from_secs(5 * 60),
            deleting: Duration::from_secs(3 * 60),
        }
    }
}

/// The caches of all accounts and regions.
pub struct ElastiCache(Mutex<State>);

impl std::fmt::Debug for ElastiCache {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ElastiCache")
    }
}

impl ElastiCache {
    pub(crate) fn new(shore: Shore, clock: Arc<Clock>, faults: Arc<Faults>) -> Self {
        Self(Mutex::new(State {
            shore,
            clock,
            faults,
            delays: ElastiCacheDelays::all(Duration::from_millis(60)),
            groups: BTreeMap::new(),
            events: Vec::new(),
            failovers_a_day: FAILOVERS_A_DAY,
            tested: Vec::new(),
        }))
    }

    pub(crate) fn answer(&self, asked: &Asked) -> Result<Elements, Refusal> {
        let mut state = self.state();
        state.settle();
        (Action::of(ACTIONS, asked)?.run)(&mut state, asked)
    }

    /// Lets everything come to where its time has brought it.
    pub(crate) fn settle(&self) {
        self.state().settle();
    }

    /// Ends every server.
    pub(crate) fn end(&self) {
        let groups = std::mem::take(&mut self.state().groups);
        drop(groups);
    }

    pub(crate) fn reproduced() -> Vec<&'static str> {
        ACTIONS.iter().map(|action| action.name).collect()
    }

    pub(crate) fn lie_at(&self, machine: IpAddr) {
        self.state().shore.machine = machine;
    }

    /// How long states last from now on.
    pub fn set_delays(&self, delays: ElastiCacheDelays) {
        self.state().delays = delays;
    }

    /// How many failovers an account may test in 24 hours from now on.
    pub fn set_failovers_a_day(&self, count: usize) {
        self.state().failovers_a_day = count;
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
