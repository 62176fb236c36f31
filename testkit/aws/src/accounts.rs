//! The accounts, their keys and roles, and the temporary keys that were given for a role.
//!
//! Every key may do everything in its account: policies are not reproduced.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use rand::{Rng, distr::Alphanumeric};

use crate::clock::Moment;

/// What signs a request.
#[derive(Clone, PartialEq, Eq)]
pub struct Keys {
    /// `AWS_ACCESS_KEY_ID`.
    pub access_key_id: String,
    /// `AWS_SECRET_ACCESS_KEY`.
    pub secret_access_key: String,
    /// `AWS_SESSION_TOKEN`, of temporary keys.
    pub session_token: Option<String>,
}

impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Keys({})", self.access_key_id)
    }
}

/// One account with one user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Twelve digits.
    pub id: String,
    /// Of its user `tester`.
    pub keys: Keys,
}

/// Who asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Caller {
    pub account: String,
    pub arn: String,
    pub user_id: String,
}

/// A key that somebody holds.
#[derive(Debug, Clone)]
pub(crate) struct Holder {
    pub keys: Keys,
    pub caller: Caller,
    pub expires_at: Option<Moment>,
}

#[derive(Debug, Default)]
pub(crate) struct Accounts {
    held: Mutex<Held>,
}

#[derive(Debug, Default)]
struct Held {
    holders: BTreeMap<String, Holder>,
    /// The roles, by their ARN.
    roles: BTreeMap<String, Duration>,
}

impl Accounts {
    /// A new account with a user and the keys of it.
    pub fn open(&self, id: &str) -> Account {
        let keys = Keys {
            access_key_id: format!("AKIA{}", letters(16).to_uppercase()),
            secret_access_key: letters(40),
            session_token: None,
        };
        let caller = Caller {
            account: id.to_owned(),
            arn: format!("arn:aws:iam::{id}:user/tester"),
            user_id: format!("AIDA{}", letters(16).to_uppercase()),
        };
        self.hold(keys.clone(), caller, None);
        Account {
            id: id.to_owned(),
            keys,
        }
    }

    /// A role that everybody may assume for at most so long.
    pub fn add_role(&self, account: &str, name: &str, longest: Duration) -> String {
        let arn = format!("arn:aws:iam::{account}:role/{name}");
        self.held().roles.insert(arn.clone(), longest);
        arn
    }

    /// The longest session of a role.
    pub fn longest_session(&self, role: &str) -> Option<Duration> {
        self.held().roles.get(role).copied()
    }

    /// Temporary keys for a role.
    pub fn assume(&self, role: &str, session: &str, expires_at: Moment) -> Holder {
        let account = role.split(':').nth(4).unwrap_or_default();
        let name = role.rsplit('/').next().unwrap_or_default();
        let keys = Keys {
            access_key_id: format!("ASIA{}", letters(16).to_uppercase()),
            secret_access_key: letters(40),
            session_token: Some(letters(120)),
        };
        let caller = Caller {
            account: account.to_owned(),
            arn: format!("arn:aws:sts::{account}:assumed-role/{name}/{session}"),
            user_id: format!("AROA{}:{session}", letters(16).to_uppercase()),
        };
        self.hold(keys, caller, Some(expires_at))
    }

    /// Whoever holds the key.
    pub fn holder(&self, access_key_id: &str) -> Option<Holder> {
        self.held().holders.get(access_key_id).cloned()
    }

    fn hold(&self, keys: Keys, caller: Caller, expires_at: Option<Moment>) -> Holder {
        let holder = Holder {
            keys,
            caller,
            expires_at,
        };
        let id = holder.keys.access_key_id.clone();
        self.held().holders.insert(id, holder.clone());
        holder
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// So many letters and digits by chance.
pub(crate) fn letters(count: usize) -> String {
    let chance = rand::rng().sample_iter(Alphanumeric);
    chance.take(count).map(char::from).collect()
}
