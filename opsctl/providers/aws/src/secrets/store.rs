//! [`SecretStore`] over Secrets Manager: its stages, its tokens and its compare-and-swap.

use std::collections::HashMap;
use std::sync::Arc;

use async_trait::async_trait;
use opsctl_core::clock::Timestamp;
use opsctl_core::guard::Permit;
use opsctl_core::ports::{
    Changed, Pointer, SecretFacts, SecretStore, SecretValue, Stage, VersionFacts, VersionId,
};
use opsctl_core::secrets::SecretKind;
use opsctl_core::{Failure, FailureKind, Result};
use sha2::{Digest, Sha256};
use time::OffsetDateTime;

use super::change::Change;
use super::document::Document;
use super::place::Place;
use super::vault::{Described, Held, Vault, odd};

/// The secrets of an environment in AWS.
#[derive(Clone)]
pub struct AwsSecrets {
    pub(super) vault: Vault,
    /// Where the database is that a login is for.
    pub(super) pointer: Arc<dyn Pointer>,
}

impl AwsSecrets {
    /// Those of a vault, for the database that the pointer names.
    #[must_use]
    pub fn new(vault: Vault, pointer: Arc<dyn Pointer>) -> Self {
        Self { vault, pointer }
    }

    /// Where a login has to lead; `None` while there is no database.
    pub(super) async fn place(&self) -> Result<Option<Place>> {
        let descriptor = self.pointer.read().await?;
        descriptor.as_ref().map(Place::of).transpose()
    }

    async fn described(&self, kind: SecretKind) -> Result<Described> {
        Ok(self.vault.describe(kind).await?.unwrap_or_default())
    }

    async fn facts(&self, kind: SecretKind, described: &Described) -> Result<Vec<VersionFacts>> {
        let dates = match described.at.is_empty() {
            true => HashMap::new(),
            false => self.vault.dates(kind).await?,
        };
        let place = match kind {
            SecretKind::Database => self.place().await?,
            _ => None,
        };
        let mut facts = Vec::new();
        for (id, stages) in described.versions() {
            let prepared = stages == [Stage::Pending];
            let (login, whole) = match self.vault.held(kind, id).await? {
                Held::Nothing | Held::Odd if prepared => (None, false),
                // It only keeps a place, so that what comes first can be pending.
                Held::Nothing => continue,
                Held::Odd => return Err(odd(&self.vault.name(kind), id)),
                // Prepared for a database that no longer serves, it must not be used.
                Held::Value { login, place: at } => (login, !prepared || at == place),
            };
            let unknown = Timestamp(OffsetDateTime::UNIX_EPOCH);
            facts.push(VersionFacts {
                created_at: dates.get(id).copied().unwrap_or(unknown),
                id: id.clone(),
                stages,
                login,
                whole,
            });
        }
        Ok(facts)
    }

    /// The first version of a secret would be current at once, whatever stage it is put in: a login would be used before it works.
    async fn keep_a_place(
        &self,
        permit: &Permit<'_>,
        kind: SecretKind,
        described: &Described,
    ) -> Result<()> {
        let needs = matches!(kind, SecretKind::Database | SecretKind::Master);
        if !needs || !described.at.is_empty() {
            return Ok(());
        }
        let version = derived(&["place", &self.vault.name(kind)]);
        let text = Document::hollow().spelled(kind)?;
        let put = Change::Put {
            version: &version,
            stage: Stage::Current,
            text: &text,
        };
        self.vault.change(permit, kind, &put).await
    }

    /// What a new version holds: the value, and what the current one holds beside it.
    async fn document(&self, kind: SecretKind, value: &SecretValue) -> Result<Document> {
        let current = self.vault.current(kind).await?;
        let before = current.map_or_else(Document::hollow, |(_, document)| document);
        let place = match kind {
            SecretKind::Database => Some(self.place().await?.ok_or_else(no_database)?),
            _ => None,
        };
        before.with(kind, value, place.as_ref())
    }

    /// Refuses a version that leads to a database that no longer serves.
    async fn leads_right(&self, kind: SecretKind, version: &VersionId) -> Result<()> {
        let Held::Value { place, .. } = self.vault.held(kind, version).await? else {
            let name = self.vault.name(kind);
            return Err(Failure::failed(format!(
                "version {version} of '{name}' holds no value"
            )));
        };
        match kind == SecretKind::Database && place != self.place().await? {
            true => Err(taken(format!(
                "version {version} of '{kind}' leads to another database than the one that serves"
            ))),
            false => Ok(()),
        }
    }
}

#[async_trait]
impl SecretStore for AwsSecrets {
    fn kinds(&self) -> Vec<SecretKind> {
        SecretKind::ALL.to_vec()
    }

    async fn describe(&self, kind: SecretKind) -> Result<Option<SecretFacts>> {
        let Some(described) = self.vault.describe(kind).await? else {
            return Ok(None);
        };
        Ok(Some(SecretFacts {
            versions: self.facts(kind, &described).await?,
            rotated_by: described.rotated_by,
        }))
    }

    async fn changed(&self, kind: SecretKind) -> Result<Option<Changed>> {
        let Some(described) = self.vault.describe(kind).await? else {
            return Ok(None);
        };
        let Some(current) = described.at.get(&Stage::Current) else {
            return Ok(Some(Changed { at: None }));
        };
        let dates = self.vault.dates(kind).await?;
        Ok(Some(Changed {
            at: dates.get(current).copied(),
        }))
    }

    async fn strays(&self) -> Result<Vec<String>> {
        let mut names = self.vault.names().await?;
        let known = SecretKind::ALL.map(|kind| self.vault.name(kind));
        names.retain(|name| !known.contains(name));
        Ok(names)
    }

    async fn read(&self, kind: SecretKind, version: &VersionId) -> Result<SecretValue> {
        let document = self.vault.read(kind, version).await?;
        let value = document.and_then(|document| document.value(kind));
        value.ok_or_else(|| {
            let name = self.vault.name(kind);
            Failure::failed(format!("version {version} of '{name}' holds no value"))
        })
    }

    async fn put_pending(
        &self,
        permit: &Permit<'_>,
        kind: SecretKind,
        version: &VersionId,
        value: &SecretValue,
    ) -> Result<()> {
        if self.vault.describe(kind).await?.is_none() {
            self.vault.change(permit, kind, &Change::Create).await?;
        }
        let described = self.described(kind).await?;
        if described.at.values().any(|id| id == version) {
            return match self.read(kind, version).await? == *value {
                true => Ok(()),
                false => Err(taken(format!(
                    "version {version} of '{kind}' has another value"
                ))),
            };
        }
        let alone = described.versions().into_iter();
        let mut alone = alone.filter(|(_, stages)| stages == &[Stage::Pending]);
        if let Some((other, _)) = alone.next() {
            return Err(taken(format!("version {other} of '{kind}' is pending")));
        }
        self.keep_a_place(permit, kind, &described).await?;
        let text = self.document(kind, value).await?.spelled(kind)?;
        let put = Change::Put {
            version,
            stage: Stage::Pending,
            text: &text,
        };
        self.vault.change(permit, kind, &put).await?;
        // Whoever puts another one takes the stage away.
        match self.described(kind).await?.at.get(&Stage::Pending) {
            Some(pending) if pending != version => {
                Err(taken(format!("version {pending} of '{kind}' is pending")))
            }
            _ => Ok(()),
        }
    }

    async fn move_current(
        &self,
        permit: &Permit<'_>,
        kind: SecretKind,
        from: Option<&VersionId>,
        to: &VersionId,
    ) -> Result<()> {
        let described = self.described(kind).await?;
        let current = described.at.get(&Stage::Current);
        if current == Some(to) {
            return Ok(());
        }
        let hollow = match current {
            Some(current) => self.vault.held(kind, current).await? == Held::Nothing,
            None => false,
        };
        if current != from && !(hollow && from.is_none()) {
            return Err(not_from(kind, current));
        }
        if !described.at.values().any(|staged| staged == to) {
            return Err(taken(format!(
                "version {to} of '{kind}' is pending no more: somebody else put another"
            )));
        }
        self.leads_right(kind, to).await?;
        let step = Change::Stage {
            stage: Stage::Current,
            from: current,
            to: Some(to),
        };
        let Err(failure) = self.vault.change(permit, kind, &step).await else {
            return Ok(());
        };
        let now = self.described(kind).await?;
        match now.at.get(&Stage::Current) == current {
            true => Err(failure),
            false => Err(not_from(kind, now.at.get(&Stage::Current))),
        }
    }

    async fn drop_stage(
        &self,
        permit: &Permit<'_>,
        kind: SecretKind,
        stage: Stage,
        version: &VersionId,
    ) -> Result<()> {
        if !self.described(kind).await?.is_at(stage, version) {
            return Ok(());
        }
        let drop = Change::Stage {
            stage,
            from: Some(version),
            to: None,
        };
        self.vault.change(permit, kind, &drop).await
    }
}

/// A version's name that is the same at every run: AWS wants 32 to 64 signs.
pub(super) fn derived(parts: &[&str]) -> VersionId {
    let digest = Sha256::digest(parts.join("\n"));
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest[..16]);
    VersionId(uuid::Uuid::from_bytes(bytes).to_string())
}

fn not_from(kind: SecretKind, current: Option<&VersionId>) -> Failure {
    let current = current.map_or_else(|| "none".to_owned(), ToString::to_string);
    taken(format!("version {current} of '{kind}' is current"))
}

fn taken(what: String) -> Failure {
    Failure::new(FailureKind::Locked, what)
        .left("nothing was changed")
        .hint("opsctl secrets status")
}

fn no_database() -> Failure {
    Failure::refused("there is no database yet that a login could be for").hint("opsctl migrate up")
}
