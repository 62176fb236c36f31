//! RDS as the endpoint and as tests see it.

use std::{
    collections::{BTreeMap, BTreeSet},
    net::IpAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use anyhow::Result;
use testkit::postgres::Reaper;

use super::{
    actions::ACTIONS,
    delays::{Delays, Quotas},
    ground::Ground,
    instance::{Change, Instance},
    state::{Id, State},
};
use crate::{
    clock::Clock,
    endpoint::{Action, Asked, Elements, Faults, Home, Refusal},
    relay::Shore,
};

/// The databases of all accounts and regions.
pub struct Rds {
    state: Mutex<State>,
    /// Removes what the servers leave, even if the test is killed.
    _reaper: Reaper,
}

impl std::fmt::Debug for Rds {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Rds")
    }
}

impl Rds {
    pub(crate) fn new(shore: Shore, clock: Arc<Clock>, faults: Arc<Faults>) -> Result<Self> {
        let ground = Ground::new()?;
        let reaper = Reaper::of(ground.folder())?;
        let state = State {
            ground,
            shore,
            clock,
            faults,
            delays: Delays::moments(),
            quotas: Quotas::default(),
            instances: BTreeMap::new(),
            snapshots: BTreeMap::new(),
            groups: BTreeMap::new(),
            subnet_groups: BTreeSet::new(),
            retained: Vec::new(),
            events: Vec::new(),
            endings: BTreeMap::new(),
            denied_keys: BTreeSet::new(),
            holds_copies: false,
        };
        Ok(Self {
            state: Mutex::new(state),
            _reaper: reaper,
        })
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
        let mut state = self.state();
        state.snapshots.clear();
        state.retained.clear();
        let instances = std::mem::take(&mut state.instances);
        drop(state);
        let ends = instances.into_values();
        let ends: Vec<_> = ends
            .map(|it| std::thread::spawn(move || drop(it)))
            .collect();
        for end in ends {
            let _ended = end.join();
        }
    }

    pub(crate) fn reproduced() -> Vec<&'static str> {
        ACTIONS.iter().map(|action| action.name).collect()
    }

    pub(crate) fn lie_at(&self, machine: IpAddr) {
        self.state().shore.machine = machine;
    }

    /// How long states last from now on.
    pub fn set_delays(&self, delays: Delays) {
        self.state().delays = delays;
    }

    /// How much accounts may have from now on.
    pub fn set_quotas(&self, quotas: Quotas) {
        self.state().quotas = quotas;
    }

    /// A subnet group that instances can be put in.
    pub fn add_subnet_group(&self, account: &str, region: &str, name: &str) {
        let id = Id::new(&home(account, region), name);
        self.state().subnet_groups.insert(id);
    }

    /// The next instances of that name come to this state instead of `available`: `incompatible-restore`, `failed`…
    pub fn will_end(&self, name: &str, status: &'static str) {
        self.state().endings.insert(name.to_owned(), status);
    }

    /// Puts an instance that is there into a state such as `storage-full`, or back to `available`; says whether it is there.
    pub fn put_into(&self, account: &str, region: &str, name: &str, status: &'static str) -> bool {
        let id = Id::new(&home(account, region), name);
        let mut state = self.state();
        let found = state.instances.get_mut(&id);
        found.map(|instance| instance.resting = status).is_some()
    }

    /// A key that nothing can be encrypted or decrypted with any more.
    pub fn deny_key(&self, key: &str) {
        self.state().denied_keys.insert(key.to_owned());
    }

    /// Whether copies stay in the queue from now on.
    pub fn hold_copies(&self, held: bool) {
        self.state().holds_copies = held;
    }

    /// Does what waits for the maintenance windows.
    pub fn run_maintenance(&self) {
        let mut state = self.state();
        let waits = |instance: &&mut Instance| instance.pending.is_some();
        let ids: Vec<Id> = state
            .instances
            .values_mut()
            .filter(waits)
            .map(|instance| instance.id.clone())
            .collect();
        for id in ids {
            let pending: Option<Change> = match state.instances.get_mut(&id) {
                Some(instance) => instance.pending.take(),
                None => None,
            };
            if let Some(change) = pending {
                state.begin_change(&id, change);
            }
        }
    }

    /// What went wrong behind the instances, in words: the work itself, not a planned state.
    #[must_use]
    pub fn troubles(&self) -> Vec<String> {
        let state = self.state();
        let instances = state.instances.values();
        instances.filter_map(|it| it.trouble.clone()).collect()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn home(account: &str, region: &str) -> Home {
    Home {
        account: account.to_owned(),
        region: region.to_owned(),
    }
}
