//! A simulated place for secrets, the processes that follow it, and the logins of their database.
//!
//! After every change it looks whether somebody is locked out, as an application under load would notice.

mod delivery;
mod logins;
mod state;
mod store;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use opsctl_core::guard::Permit;
use opsctl_core::ports::{LoginSession, SecretPorts, SecretValue, Stage, VersionFacts, VersionId};
use opsctl_core::secret::Secret;
use opsctl_core::secrets::SecretKind;
use opsctl_core::{Failure, Result};

pub use logins::PAIR;

use self::state::{Process, State, Version, login_of};

/// The place, shared by its clones.
#[derive(Debug, Clone, Default)]
pub struct SimulatedSecrets(Arc<Mutex<State>>);

impl SimulatedSecrets {
    /// With a first version of the database's credentials and of the key of tokens, and two processes that use them.
    ///
    /// # Panics
    /// Never: everything is fixed.
    #[must_use]
    pub fn new(now: opsctl_core::clock::Timestamp) -> Self {
        let place = Self::default();
        {
            let mut state = place.state();
            let login = SecretValue::Login {
                user: PAIR[0].into(),
                password: Secret::new("first-password".into()),
            };
            state
                .passwords
                .insert(PAIR[0].into(), "first-password".into());
            state
                .passwords
                .insert(PAIR[1].into(), "nobody-knows".into());
            let key = SecretValue::Text(Secret::new("first-key-of-tokens".into()));
            for (kind, value) in [(SecretKind::Database, login), (SecretKind::Jwt, key)] {
                state.add(kind, "first", (value, now));
                state.hand_over(kind);
            }
            for name in ["process 1", "process 2"] {
                let process = Process {
                    name: name.into(),
                    obeys: true,
                    has: state.told.clone(),
                };
                state.processes.push(process);
            }
        }
        place
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// As an operation sees it.
    #[must_use]
    pub fn ports(&self) -> SecretPorts {
        SecretPorts {
            store: Arc::new(self.clone()),
            delivery: Arc::new(self.clone()),
            logins: Some(Arc::new(self.clone())),
            administrator: None,
        }
    }

    /// Lets a process hang: it adopts nothing any more.
    pub fn hang(&self, name: &str, hangs: bool) {
        let mut state = self.state();
        let named = state.processes.iter_mut().filter(|it| it.name == name);
        named.for_each(|process| process.obeys = !hangs);
    }

    /// Somebody logs in, who is no process of the application.
    pub fn stranger(&self, login: &str, since: opsctl_core::clock::Timestamp) {
        self.state().strangers.push(LoginSession {
            pid: 77,
            login: login.into(),
            application: "psql".into(),
            address: Some("198.51.100.7".into()),
            since,
        });
    }

    /// Ends the sessions of strangers.
    pub fn strangers_leave(&self) {
        self.state().strangers.clear();
    }

    /// The n-th change from now on, from 1, takes place, and its answer is lost.
    pub fn lose_answer_of(&self, number: usize) {
        let mut state = self.state();
        state.calls = 0;
        state.lose_answer_of = Some(number);
    }

    /// So many changes took place since an answer was last lost on purpose.
    #[must_use]
    pub fn calls(&self) -> usize {
        self.state().calls
    }

    /// Leaves a pending version, as a run that died elsewhere might; without a value, as a broken one.
    pub fn leave_pending(
        &self,
        kind: SecretKind,
        value: Option<SecretValue>,
        now: opsctl_core::clock::Timestamp,
    ) {
        let mut state = self.state();
        let whole = value.is_some();
        let login = login_of(value.as_ref());
        state.secrets.entry(kind).or_default().push(Version {
            facts: VersionFacts {
                id: VersionId("orphan".into()),
                created_at: now,
                stages: vec![Stage::Pending],
                login,
                whole,
            },
            value,
        });
    }

    /// Who was locked out at some moment, and why.
    #[must_use]
    pub fn locked_out(&self) -> Vec<String> {
        self.state().locked_out.clone()
    }

    /// Every value that ever was kept: none of them may be found anywhere else.
    #[must_use]
    pub fn values(&self) -> Vec<String> {
        self.state().values.clone()
    }

    /// The versions and their stages, oldest first.
    #[must_use]
    pub fn stages(&self, kind: SecretKind) -> Vec<(String, Vec<Stage>)> {
        let state = self.state();
        let all = state.secrets.get(&kind).into_iter().flatten();
        all.map(|it| (it.facts.id.0.clone(), it.facts.stages.clone()))
            .collect()
    }

    /// A change: it takes place, and then its answer may be lost.
    pub(crate) fn change<T>(
        &self,
        permit: &Permit<'_>,
        work: impl FnOnce(&mut State) -> Result<T>,
    ) -> Result<T> {
        permit.check()?;
        let mut state = self.state();
        let answer = work(&mut state)?;
        state.look();
        state.calls += 1;
        if state.lose_answer_of == Some(state.calls) {
            state.lose_answer_of = None;
            return Err(Failure::failed(
                "the connection broke before the answer came",
            ));
        }
        Ok(answer)
    }
}
