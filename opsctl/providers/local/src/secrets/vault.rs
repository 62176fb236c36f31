//! The versions and their stages, as they lie in the file. Pure: what is read, locked and written is the place's.

use std::collections::BTreeMap;

use opsctl_core::clock::Timestamp;
use opsctl_core::ports::{SecretFacts, SecretValue, Stage, VersionFacts, VersionId};
use opsctl_core::secret::Secret;
use opsctl_core::secrets::SecretKind;
use opsctl_core::{Failure, FailureKind, Result};
use serde::{Deserialize, Serialize};

/// The content of `secret-versions.json`. It has no `Debug`: it holds values.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Vault {
    /// The version of this document.
    pub version: u32,
    /// Digests of what the application was handed: other content was written by somebody else.
    #[serde(default)]
    pub handed: Vec<String>,
    /// The versions of each secret.
    #[serde(default)]
    pub secrets: BTreeMap<SecretKind, Vec<Version>>,
}

/// One version.
#[derive(Serialize, Deserialize)]
pub struct Version {
    pub id: VersionId,
    pub created_at: Timestamp,
    pub stages: Vec<Stage>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<Held>,
}

/// What a version holds.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Held {
    Login { username: String, password: String },
    Text { text: String },
}

impl From<&SecretValue> for Held {
    fn from(value: &SecretValue) -> Self {
        match value {
            SecretValue::Login { user, password } => Self::Login {
                username: user.clone(),
                password: password.expose().clone(),
            },
            SecretValue::Text(text) => Self::Text {
                text: text.expose().clone(),
            },
        }
    }
}

impl From<Held> for SecretValue {
    fn from(held: Held) -> Self {
        match held {
            Held::Login { username, password } => Self::Login {
                user: username,
                password: Secret::new(password),
            },
            Held::Text { text } => Self::Text(Secret::new(text)),
        }
    }
}

impl Default for Vault {
    fn default() -> Self {
        Self {
            version: Self::VERSION,
            handed: Vec::new(),
            secrets: BTreeMap::new(),
        }
    }
}

impl Vault {
    /// The version that this opsctl writes.
    pub const VERSION: u32 = 1;

    fn of(&self, kind: SecretKind) -> &[Version] {
        self.secrets.get(&kind).map_or(&[], Vec::as_slice)
    }

    /// What is held at a stage.
    pub fn at(&self, kind: SecretKind, stage: Stage) -> Option<&Version> {
        let mut all = self.of(kind).iter();
        all.find(|version| version.stages.contains(&stage))
    }

    /// What may be told; `None` when there is no such secret.
    pub fn facts(&self, kind: SecretKind) -> Option<SecretFacts> {
        let facts = |version: &Version| VersionFacts {
            id: version.id.clone(),
            created_at: version.created_at,
            stages: version.stages.clone(),
            login: match &version.value {
                Some(Held::Login { username, .. }) => Some(username.clone()),
                _ => None,
            },
            whole: version.value.is_some(),
        };
        let versions: Vec<VersionFacts> = self.of(kind).iter().map(facts).collect();
        (!versions.is_empty()).then_some(SecretFacts {
            versions,
            rotated_by: None,
        })
    }

    /// The value of a version.
    pub fn read(&self, kind: SecretKind, id: &VersionId) -> Result<SecretValue> {
        let version = self.of(kind).iter().find(|version| version.id == *id);
        let held = version.and_then(|version| version.value.clone());
        held.map(SecretValue::from)
            .ok_or_else(|| Failure::failed(format!("version {id} of '{kind}' holds no value")))
    }

    /// See [`opsctl_core::ports::SecretStore::put_pending`].
    pub fn put_pending(
        &mut self,
        kind: SecretKind,
        id: &VersionId,
        (value, now): (&SecretValue, Timestamp),
    ) -> Result<()> {
        let held = Held::from(value);
        if let Some(known) = self.of(kind).iter().find(|version| version.id == *id) {
            return match known.value.as_ref() == Some(&held) {
                true => Ok(()),
                false => Err(taken(format!("version {id} of '{kind}' has another value"))),
            };
        }
        let pending = self.facts(kind).unwrap_or_default();
        if let Some(other) = pending.pending() {
            let other = &other.id;
            return Err(taken(format!("version {other} of '{kind}' is pending")));
        }
        self.unmark(kind, Stage::Pending);
        self.secrets.entry(kind).or_default().push(Version {
            id: id.clone(),
            created_at: now,
            stages: vec![Stage::Pending],
            value: Some(held),
        });
        Ok(())
    }

    /// See [`opsctl_core::ports::SecretStore::move_current`].
    pub fn move_current(
        &mut self,
        kind: SecretKind,
        from: Option<&VersionId>,
        to: &VersionId,
    ) -> Result<()> {
        let current = self.at(kind, Stage::Current).map(|version| &version.id);
        if current != from {
            let current = current.map_or_else(|| "none".to_owned(), ToString::to_string);
            return Err(taken(format!("version {current} of '{kind}' is current")));
        }
        if !self.of(kind).iter().any(|version| version.id == *to) {
            return Err(Failure::failed(format!("'{kind}' has no version {to}")));
        }
        self.unmark(kind, Stage::Current);
        self.unmark(kind, Stage::Previous);
        self.mark(kind, Stage::Current, to);
        if let Some(from) = from {
            self.mark(kind, Stage::Previous, from);
        }
        self.forget_unstaged(kind);
        Ok(())
    }

    /// See [`opsctl_core::ports::SecretStore::drop_stage`].
    pub fn drop_stage(&mut self, kind: SecretKind, stage: Stage, id: &VersionId) {
        let versions = self.secrets.get_mut(&kind).into_iter().flatten();
        for version in versions.filter(|version| version.id == *id) {
            version.stages.retain(|held| *held != stage);
        }
        self.forget_unstaged(kind);
    }

    fn unmark(&mut self, kind: SecretKind, stage: Stage) {
        for version in self.secrets.get_mut(&kind).into_iter().flatten() {
            version.stages.retain(|held| *held != stage);
        }
    }

    fn mark(&mut self, kind: SecretKind, stage: Stage, id: &VersionId) {
        for version in self.secrets.get_mut(&kind).into_iter().flatten() {
            if version.id == *id {
                version.stages.push(stage);
                version.stages.sort();
            }
        }
    }

    /// What nobody needs any more lies nowhere any more.
    fn forget_unstaged(&mut self, kind: SecretKind) {
        if let Some(versions) = self.secrets.get_mut(&kind) {
            versions.retain(|version| !version.stages.is_empty());
        }
    }
}

fn taken(what: String) -> Failure {
    Failure::new(FailureKind::Locked, what)
        .left("nothing was changed")
        .hint("opsctl secrets status")
}

#[cfg(test)]
mod tests {
    use super::*;

    const JWT: SecretKind = SecretKind::Jwt;

    fn id(name: &str) -> VersionId {
        VersionId(name.to_owned())
    }

    fn text(value: &str) -> SecretValue {
        SecretValue::Text(Secret::new(value.to_owned()))
    }

    fn noon() -> Timestamp {
        Timestamp::parse("2026-11-23T12:00:00Z").unwrap()
    }

    fn put(vault: &mut Vault, name: &str) -> Result<()> {
        vault.put_pending(JWT, &id(name), (&text(name), noon()))
    }

    fn stages(vault: &Vault) -> Vec<(String, Vec<Stage>)> {
        let facts = vault.facts(JWT).unwrap_or_default();
        let all = facts.versions.into_iter();
        all.map(|version| (version.id.0, version.stages)).collect()
    }

    fn rotated() -> Vault {
        let mut vault = Vault::default();
        put(&mut vault, "a").unwrap();
        vault.move_current(JWT, None, &id("a")).unwrap();
        put(&mut vault, "b").unwrap();
        vault.move_current(JWT, Some(&id("a")), &id("b")).unwrap();
        vault
    }

    #[test]
    fn the_one_before_stays_and_the_one_before_that_is_gone() {
        let mut vault = rotated();
        assert_eq!(
            stages(&vault),
            [
                ("a".to_owned(), vec![Stage::Previous]),
                ("b".to_owned(), vec![Stage::Current, Stage::Pending]),
            ]
        );
        put(&mut vault, "c").unwrap();
        vault.move_current(JWT, Some(&id("b")), &id("c")).unwrap();
        assert_eq!(stages(&vault).len(), 2);
    }

    #[test]
    fn the_same_again_changes_nothing_and_another_value_is_refused() {
        let mut vault = Vault::default();
        put(&mut vault, "a").unwrap();
        put(&mut vault, "a").unwrap();
        assert_eq!(stages(&vault).len(), 1);
        let other = vault.put_pending(JWT, &id("a"), (&text("x"), noon()));
        assert_eq!(other.unwrap_err().kind, FailureKind::Locked);
    }

    #[test]
    fn of_two_that_prepare_and_of_two_that_move_one_is_refused() {
        let mut vault = rotated();
        put(&mut vault, "c").unwrap();
        assert_eq!(put(&mut vault, "d").unwrap_err().kind, FailureKind::Locked);
        let late = vault.move_current(JWT, Some(&id("a")), &id("c"));
        assert_eq!(late.unwrap_err().kind, FailureKind::Locked);
    }

    #[test]
    fn a_move_back_exchanges_the_two() {
        let mut vault = rotated();
        vault.move_current(JWT, Some(&id("b")), &id("a")).unwrap();
        vault.drop_stage(JWT, Stage::Pending, &id("b"));
        assert_eq!(
            stages(&vault),
            [
                ("a".to_owned(), vec![Stage::Current]),
                ("b".to_owned(), vec![Stage::Previous]),
            ]
        );
    }
}
