//! The simulated versions and stages: as strict as the real ones.

use async_trait::async_trait;
use opsctl_core::guard::Permit;
use opsctl_core::ports::{SecretFacts, SecretStore, SecretValue, Stage, VersionFacts, VersionId};
use opsctl_core::secrets::SecretKind;
use opsctl_core::{Failure, FailureKind, Result};

use super::SimulatedSecrets;
use super::state::{State, Version, login_of};

fn taken(what: &str) -> Failure {
    Failure::new(FailureKind::Locked, what)
}

#[async_trait]
impl SecretStore for SimulatedSecrets {
    fn kinds(&self) -> Vec<SecretKind> {
        SecretKind::ALL.to_vec()
    }

    async fn describe(&self, kind: SecretKind) -> Result<Option<SecretFacts>> {
        let state = self.state();
        let versions = state.secrets.get(&kind);
        Ok(versions.map(|versions| SecretFacts {
            versions: versions
                .iter()
                .map(|version| version.facts.clone())
                .collect(),
            rotated_by: None,
        }))
    }

    async fn strays(&self) -> Result<Vec<String>> {
        Ok(Vec::new())
    }

    async fn read(&self, kind: SecretKind, version: &VersionId) -> Result<SecretValue> {
        let state = self.state();
        let mut all = state.secrets.get(&kind).into_iter().flatten();
        let found = all.find(|it| it.facts.id == *version);
        found
            .and_then(|it| it.value.clone())
            .ok_or_else(|| Failure::failed("that version holds nothing"))
    }

    async fn put_pending(
        &self,
        permit: &Permit<'_>,
        kind: SecretKind,
        version: &VersionId,
        value: &SecretValue,
    ) -> Result<()> {
        self.change(permit, |state| {
            let all = state.secrets.entry(kind).or_default();
            if let Some(known) = all.iter().find(|it| it.facts.id == *version) {
                return match known.value.as_ref() == Some(value) {
                    true => Ok(()),
                    false => Err(taken("that version has another value")),
                };
            }
            if all.iter().any(|it| it.facts.stages == [Stage::Pending]) {
                return Err(taken("another version is pending"));
            }
            unmark(state, kind, Stage::Pending);
            state.remember(value);
            let facts = VersionFacts {
                id: version.clone(),
                created_at: opsctl_core::clock::Timestamp(time::OffsetDateTime::UNIX_EPOCH),
                stages: vec![Stage::Pending],
                login: login_of(Some(value)),
                whole: true,
            };
            let value = Some(value.clone());
            state
                .secrets
                .entry(kind)
                .or_default()
                .push(Version { facts, value });
            Ok(())
        })
    }

    async fn move_current(
        &self,
        permit: &Permit<'_>,
        kind: SecretKind,
        from: Option<&VersionId>,
        to: &VersionId,
    ) -> Result<()> {
        self.change(permit, |state| {
            let current = state.at(kind, Stage::Current).map(|it| it.facts.id.clone());
            if current.as_ref() != from {
                return Err(taken("another version is current"));
            }
            unmark(state, kind, Stage::Current);
            unmark(state, kind, Stage::Previous);
            for version in state.secrets.entry(kind).or_default() {
                if version.facts.id == *to {
                    version.facts.stages.push(Stage::Current);
                }
                if Some(&version.facts.id) == from {
                    version.facts.stages.push(Stage::Previous);
                }
                version.facts.stages.sort();
            }
            forget(state, kind);
            Ok(())
        })
    }

    async fn drop_stage(
        &self,
        permit: &Permit<'_>,
        kind: SecretKind,
        stage: Stage,
        version: &VersionId,
    ) -> Result<()> {
        self.change(permit, |state| {
            let all = state.secrets.entry(kind).or_default().iter_mut();
            all.filter(|it| it.facts.id == *version)
                .for_each(|it| it.facts.stages.retain(|held| *held != stage));
            forget(state, kind);
            Ok(())
        })
    }
}

fn unmark(state: &mut State, kind: SecretKind, stage: Stage) {
    for version in state.secrets.entry(kind).or_default() {
        version.facts.stages.retain(|held| *held != stage);
    }
}

fn forget(state: &mut State, kind: SecretKind) {
    let all = state.secrets.entry(kind).or_default();
    all.retain(|version| !version.facts.stages.is_empty());
}
