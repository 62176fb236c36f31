//! Route 53 as the endpoint and as tests see it.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use super::{
    actions::ACTIONS,
    zones::{Held, Zone, key},
};
use crate::{
    accounts::letters,
    clock::Clock,
    endpoint::{Action, Asked, Elements, Refusal},
};

/// The zones of all accounts.
#[derive(Debug)]
pub struct Route53 {
    clock: Arc<Clock>,
    held: Mutex<Held>,
}

impl Route53 {
    pub(crate) fn new(clock: Arc<Clock>) -> Self {
        let held = Held {
            zones: BTreeMap::new(),
            changes: BTreeMap::new(),
            going_round: Duration::from_millis(60),
        };
        Self {
            clock,
            held: Mutex::new(held),
        }
    }

    pub(crate) fn answer(&self, asked: &Asked) -> Result<Elements, Refusal> {
        (Action::of(ACTIONS, asked)?.run)(&mut self.held(), asked)
    }

    pub(crate) fn reproduced() -> Vec<&'static str> {
        ACTIONS.iter().map(|action| action.name).collect()
    }

    /// A new zone of an account, such as `example.internal`; its id.
    #[must_use]
    pub fn add_zone(&self, account: &str, name: &str) -> String {
        let id = format!("Z{}", letters(20).to_uppercase());
        let zone = Zone::new(account, name);
        self.held().zones.insert(id.clone(), zone);
        id
    }

    /// How long a change goes round from now on before every server knows of it.
    pub fn set_going_round(&self, lasts: Duration) {
        self.held().going_round = lasts;
    }

    /// What a resolver is answered now: what was changed and has not gone round yet is still the old one.
    #[must_use]
    pub fn lookup(&self, name: &str, kind: &str) -> Option<Vec<String>> {
        let (now, key) = (self.clock.now(), key(name, kind));
        let mut held = self.held();
        held.zones.values_mut().find_map(|zone| {
            zone.settle(now);
            zone.answered.get(&key).map(|record| record.values.clone())
        })
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
