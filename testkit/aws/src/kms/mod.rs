//! KMS: keys that never leave, for signatures (ECDSA on P-256) and for encryption, with the states that a key can be in.
//!
//! Knows no grants and no policies: within an account everybody may use every key.

mod actions;
mod key;
mod lifetime;
mod uses;

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

use serde_json::Value;

use crate::endpoint::{Action, Asked, Home, Refusal};
use actions::ACTIONS;
use key::Key;

/// The keys of all accounts and regions.
#[derive(Default)]
pub(crate) struct Kms(Mutex<Held>);

#[derive(Default)]
struct Held {
    keys: BTreeMap<(Home, String), Key>,
    /// Which key a name such as `alias/evidence` stands for.
    aliases: BTreeMap<(Home, String), String>,
}

impl std::fmt::Debug for Kms {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Kms")
    }
}

impl Kms {
    pub fn answer(&self, asked: &Asked) -> Result<Value, Refusal> {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        held.keys
            .retain(|_, key| key.ends_at.is_none_or(|end| end > asked.at));
        (Action::of(ACTIONS, asked)?.run)(&mut held, asked)
    }

    pub fn reproduced() -> Vec<&'static str> {
        ACTIONS.iter().map(|action| action.name).collect()
    }
}

impl Held {
    /// A key by its id, its ARN, or a name of it.
    fn key(&mut self, asked: &Asked) -> Result<&mut Key, Refusal> {
        let named = asked.parameters.text("KeyId").unwrap_or_default();
        let arn = named.strip_prefix("arn:aws:kms:");
        let elsewhere = arn.is_some_and(|arn| !arn.starts_with(&format!("{}:", asked.home.region)));
        let own = match arn.and_then(|arn| arn.splitn(3, ':').nth(2)) {
            Some(own) => own,
            None => named,
        };
        let own = own.strip_prefix("key/").unwrap_or(own).to_owned();
        let alias = self.aliases.get(&(asked.home.clone(), own.clone()));
        let id = alias.cloned().unwrap_or(own);
        let found = self.keys.get_mut(&(asked.home.clone(), id));
        found.filter(|_| !elsewhere).ok_or_else(|| {
            Refusal::new("NotFoundException", format!("Key '{named}' does not exist"))
        })
    }
}
