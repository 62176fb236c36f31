//! All secrets, and how one of them is found.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use serde_json::{Value, json};

use super::{
    actions::ACTIONS,
    secret::{Content, Secret},
};
pub(super) use crate::clock::seconds;
use crate::{
    clock::Moment,
    endpoint::{Action, Asked, Home, Refusal},
};

/// By account and name: a name is given once in a region, and replicas are where their first is.
#[derive(Default)]
pub(super) struct Held {
    pub secrets: BTreeMap<(Home, String), Secret>,
}

/// The secrets of all accounts and regions.
#[derive(Default)]
pub struct SecretsManager(Mutex<Held>);

impl std::fmt::Debug for SecretsManager {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SecretsManager")
    }
}

impl SecretsManager {
    pub(crate) fn answer(&self, asked: &Asked) -> Result<Value, Refusal> {
        let mut held = self.held();
        held.forget(asked.at);
        (Action::of(ACTIONS, asked)?.run)(&mut held, asked)
    }

    pub(crate) fn reproduced() -> Vec<&'static str> {
        ACTIONS.iter().map(|action| action.name).collect()
    }

    /// Leaves a pending version without a value, as a rotation that broke off does; says whether there is such a secret.
    pub fn leave_empty_pending(&self, place: (&str, &str), name: &str, version: &str) -> bool {
        self.alter(place, name, |secret| {
            let stages = ["AWSPENDING".to_owned()];
            let now = secret.changed_at;
            let put = secret.put(version, Content::Nothing, &stages, now);
            put.is_ok()
        })
    }

    /// Has a function rotate it from now on, as far as is told; says whether there is such a secret.
    pub fn rotate_by(&self, place: (&str, &str), name: &str, function: &str) -> bool {
        self.alter(place, name, |secret| {
            secret.rotated_by = Some(function.to_owned());
            true
        })
    }

    /// Gives it to a service, as far as is told; says whether there is such a secret.
    pub fn give_to(&self, place: (&str, &str), name: &str, service: &str) -> bool {
        self.alter(place, name, |secret| {
            secret.owner = Some(service.to_owned());
            true
        })
    }

    /// Of an account and region.
    fn alter(
        &self,
        (account, region): (&str, &str),
        name: &str,
        work: impl FnOnce(&mut Secret) -> bool,
    ) -> bool {
        let home = Home {
            account: account.to_owned(),
            region: region.to_owned(),
        };
        let mut held = self.held();
        let secret = held.secrets.get_mut(&(home, name.to_owned()));
        secret.is_some_and(work)
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Held {
    /// What was to end by now is gone.
    fn forget(&mut self, now: Moment) {
        self.secrets
            .retain(|_, secret| secret.ends_at.is_none_or(|end| end > now));
    }

    /// The secret that is asked for, wherever its first is.
    pub fn secret(&mut self, asked: &Asked) -> Result<&mut Secret, Refusal> {
        let id = asked.parameters.text("SecretId").unwrap_or_default();
        if id.is_empty() {
            let message = "You must provide a value for the SecretId parameter.";
            return Err(Refusal::new("InvalidParameterException", message));
        }
        let region = asked.home.region.clone();
        let fits = |secret: &&mut Secret| {
            let here = secret.home.region == region || secret.replicas.contains_key(&region);
            let arn = secret.arn(&region);
            let partial = arn.get(..arn.len() - 7);
            let named = id == secret.name || id == arn || Some(id) == partial;
            secret.home.account == asked.home.account && here && named
        };
        let message = "Secrets Manager can't find the specified secret.";
        self.secrets
            .values_mut()
            .find(fits)
            .ok_or_else(|| Refusal::new("ResourceNotFoundException", message))
    }

    /// As [`Held::secret`], to be read: not one that is to be deleted.
    pub fn alive(&mut self, asked: &Asked) -> Result<&mut Secret, Refusal> {
        let secret = self.secret(asked)?;
        if secret.ends_at.is_some() {
            let message = "You can't perform this operation on the secret because it was marked for deletion.";
            return Err(Refusal::new("InvalidRequestException", message));
        }
        Ok(secret)
    }

    /// As [`Held::alive`], to be changed: not a replica.
    pub fn primary(&mut self, asked: &Asked) -> Result<&mut Secret, Refusal> {
        let secret = self.alive(asked)?;
        if secret.home.region != asked.home.region {
            let message = "Operation not permitted on a replica secret. Call must be made in primary secret's region.";
            return Err(Refusal::new("InvalidRequestException", message));
        }
        Ok(secret)
    }
}

/// What nearly every answer begins with.
pub(super) fn named(secret: &Secret, asked: &Asked) -> Value {
    json!({"ARN": secret.arn(&asked.home.region), "Name": secret.name})
}
