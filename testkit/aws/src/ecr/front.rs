//! ECR as the endpoint and as tests see it.

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use anyhow::Result;
use serde_json::Value;
use tokio::runtime::Handle;

use super::{actions::ACTIONS, door::Door, state::State};
use crate::{
    clock::Clock,
    endpoint::{Action, Asked, Faults, Home, Refusal},
};

/// The registries of all accounts and regions.
pub struct Ecr {
    runtime: Handle,
    state: Arc<Mutex<State>>,
}

impl std::fmt::Debug for Ecr {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Ecr")
    }
}

impl Ecr {
    pub(crate) fn new(clock: Arc<Clock>, faults: Arc<Faults>) -> Self {
        let state = State {
            clock,
            faults,
            doors: BTreeMap::new(),
            repositories: BTreeMap::new(),
            tokens: BTreeMap::new(),
            replicated: BTreeMap::new(),
        };
        Self {
            runtime: Handle::current(),
            state: Arc::new(Mutex::new(state)),
        }
    }

    pub(crate) fn answer(&self, asked: &Asked) -> Result<Value, Refusal> {
        let action = Action::of(ACTIONS, asked)?;
        self.open_door(&asked.home, 0)?;
        (action.run)(&mut self.state(), asked)
    }

    pub(crate) fn reproduced() -> Vec<&'static str> {
        ACTIONS.iter().map(|action| action.name).collect()
    }

    /// Starts the registry of an account in a region on that port; without this it is started with the first question, on any. Says
    /// where it listens.
    ///
    /// # Errors
    /// When the registry does not start, or the port is taken.
    pub fn open(&self, account: &str, region: &str, port: u16) -> Result<SocketAddr> {
        let home = Home {
            account: account.to_owned(),
            region: region.to_owned(),
        };
        self.open_door(&home, port)
    }

    fn open_door(&self, home: &Home, port: u16) -> Result<SocketAddr> {
        if let Some(address) = self.state().address(home) {
            return Ok(address);
        }
        let door = Door::open(&self.runtime, port, home, &self.state)?;
        let address = door.address();
        self.state().doors.entry(home.clone()).or_insert(door);
        Ok(address)
    }

    /// Ends every registry.
    pub(crate) fn end(&self) {
        let doors = std::mem::take(&mut self.state().doors);
        drop(doors);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
