//! [`SecretDelivery`] over the files that the application follows: `secrets.json`, and the descriptor with a password file.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use opsctl_core::guard::Permit;
use opsctl_core::ports::{
    Application, Descriptor, Follower, Mark, Pointer, ProcessReport, SecretDelivery, Stage,
};
use opsctl_core::secrets::SecretKind;
use opsctl_core::{Failure, FailureKind, Result};

use super::found::text;
use super::place::{SIGNING_KEY, put};
use super::vault::{Held, Vault};
use super::{LocalSecrets, Pods};

/// Hands secrets to processes of this machine, and to pods where there are some.
#[derive(Clone)]
pub struct LocalDelivery {
    /// Where they are kept.
    pub secrets: LocalSecrets,
    /// What the application is told of its database.
    pub pointer: Arc<dyn Pointer>,
    /// Its processes.
    pub application: Arc<dyn Application>,
    /// Its pods; `None`: it runs in none.
    pub pods: Option<Pods>,
}

#[async_trait]
impl SecretDelivery for LocalDelivery {
    async fn ready(&self, kind: SecretKind) -> Result<()> {
        match kind {
            SecretKind::Database | SecretKind::Signing => Ok(()),
            _ => self.secrets.may_hand_over(&self.secrets.read()?),
        }
    }

    async fn told(&self, kind: SecretKind) -> Result<Option<Mark>> {
        let vault = self.secrets.read()?;
        let told = match kind {
            SecretKind::Database => self.told_of_database(&vault).await?,
            SecretKind::Signing => self.told_to_sign(&vault)?,
            _ => self.secrets.handed(&vault)?,
        };
        match (&self.pods, told) {
            (Some(pods), Some(_)) if kind != SecretKind::Signing => pods.told().await,
            (_, told) => Ok(told.map(|told| Mark(told.to_string()))),
        }
    }

    async fn tell(&self, permit: &Permit<'_>, kind: SecretKind) -> Result<Mark> {
        let told = match kind {
            SecretKind::Database => self.tell_of_database(permit).await?,
            SecretKind::Signing => self.tell_to_sign(permit)?,
            _ => self.secrets.locked(|place| {
                permit.check()?;
                place.hand_over(&mut place.read()?)
            })?,
        };
        match &self.pods {
            Some(pods) if kind != SecretKind::Signing => pods.tell(permit).await,
            _ => Ok(Mark(told.to_string())),
        }
    }

    async fn followers(&self, kind: SecretKind, mark: &Mark) -> Result<Vec<Follower>> {
        if kind == SecretKind::Signing {
            return Ok(Vec::new());
        }
        let wanted: u64 = mark.0.parse().map_err(|error| {
            Failure::new(FailureKind::Unknown, format!("'{}' is no mark", mark.0)).because(error)
        })?;
        if let Some(pods) = &self.pods {
            return pods.followers(wanted).await;
        }
        let processes = self.application.processes().await?;
        let follower = |process: &ProcessReport| follower(process, kind, wanted);
        Ok(processes.iter().map(follower).collect())
    }

    async fn token_lifetime(&self) -> Result<Option<Duration>> {
        let processes = self.application.processes().await?;
        let told = processes
            .iter()
            .filter_map(|process| process.token_lifetime_seconds);
        Ok(told.max().map(Duration::from_secs))
    }
}

fn follower(process: &ProcessReport, kind: SecretKind, wanted: u64) -> Follower {
    let (what, at) = match kind {
        SecretKind::Database => ("generation", Some(process.generation)),
        _ => ("revision", process.secrets_revision),
    };
    Follower {
        name: format!(
            "process {} (pid {}, role {}, {})",
            process.process_id, process.pid, process.role, process.address
        ),
        follows: wanted == 0 || at.is_some_and(|at| at >= wanted),
        says: match at {
            Some(at) => format!("uses {what} {at} of {wanted}"),
            None => format!("does not say which {what} of its secrets it uses"),
        },
    }
}

impl LocalDelivery {
    async fn descriptor(&self) -> Result<Descriptor> {
        let found = self.pointer.read().await?;
        found.ok_or_else(|| Failure::refused("the environment has no database yet"))
    }

    async fn told_of_database(&self, vault: &Vault) -> Result<Option<u64>> {
        let Ok((user, password)) = login(vault) else {
            return Ok(None);
        };
        let descriptor = self.descriptor().await?;
        let wanted = self.with_login(&descriptor, &user)?;
        if wanted.location != descriptor.location {
            return Ok(None);
        }
        let held = text(&self.secrets.password_file(&user))?;
        let same = held.is_some_and(|held| held.trim_end() == password);
        Ok(same.then_some(descriptor.generation))
    }

    /// The password first: whoever reads the descriptor finds it.
    async fn tell_of_database(&self, permit: &Permit<'_>) -> Result<u64> {
        let (user, password) = login(&self.secrets.read()?)?;
        let descriptor = self.descriptor().await?;
        let new = self.with_login(&descriptor, &user)?;
        self.secrets.locked(|place| {
            permit.check()?;
            put(
                &place.password_file(&user),
                format!("{password}\n").as_bytes(),
            )
        })?;
        if new.location == descriptor.location {
            return Ok(descriptor.generation);
        }
        let pointer = &self.pointer;
        pointer.replace(permit, descriptor.generation, &new).await?;
        Ok(new.generation)
    }

    fn with_login(&self, descriptor: &Descriptor, user: &str) -> Result<Descriptor> {
        let mut new = descriptor.clone();
        let url = &descriptor.location.url;
        let parts = url.split_once("://").and_then(|(scheme, rest)| {
            let (_, place) = rest.split_once('@')?;
            Some(format!("{scheme}://{user}@{place}"))
        });
        new.location.url =
            parts.ok_or_else(|| Failure::failed(format!("the database at {url} has no login")))?;
        new.location.password_file = Some(self.secrets.password_file(user));
        new.generation += 1;
        Ok(new)
    }

    fn told_to_sign(&self, vault: &Vault) -> Result<Option<u64>> {
        let held = text(&self.secrets.folder().join(SIGNING_KEY))?;
        let same = held.is_some_and(|held| Some(held.trim_end()) == signing_key(vault));
        Ok(same.then_some(0))
    }

    fn tell_to_sign(&self, permit: &Permit<'_>) -> Result<u64> {
        self.secrets.locked(|place| {
            let vault = place.read()?;
            let key = signing_key(&vault);
            let key = key.ok_or_else(|| Failure::failed("there is no key to sign with"))?;
            permit.check()?;
            put(
                &place.folder().join(SIGNING_KEY),
                format!("{key}\n").as_bytes(),
            )?;
            Ok(0)
        })
    }
}

fn login(vault: &Vault) -> Result<(String, String)> {
    let current = vault.at(SecretKind::Database, Stage::Current);
    match current.and_then(|version| version.value.clone()) {
        Some(Held::Login { username, password }) => Ok((username, password)),
        _ => Err(Failure::failed("no credentials of the database are in use")),
    }
}

fn signing_key(vault: &Vault) -> Option<&str> {
    match vault
        .at(SecretKind::Signing, Stage::Current)?
        .value
        .as_ref()?
    {
        Held::Text { text } => Some(text),
        Held::Login { .. } => None,
    }
}
