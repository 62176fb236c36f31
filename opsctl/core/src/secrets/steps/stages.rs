//! Versions and their stages: put, moved, dropped, retired. A value is made here and goes straight to its place.

use async_trait::async_trait;

use crate::engine::{Step, StepContext, StepState};
use crate::failure::{Failure, FailureKind, Result};
use crate::guard::Permit;
use crate::names::StepName;
use crate::ports::{SecretFacts, SecretValue, Stage, VersionId, World};
use crate::secrets::inputs::{Origin, Retiring, RotateInputs};
use crate::secrets::observe::retiring_key;
use crate::secrets::{SecretKind, generate};
use crate::state::{Register, Swapped};

async fn facts(world: &World, kind: SecretKind) -> Result<SecretFacts> {
    let described = world.secrets()?.store.describe(kind).await?;
    Ok(described.unwrap_or_default())
}

fn id_at(facts: &SecretFacts, stage: Stage) -> Option<VersionId> {
    facts.at(stage).map(|version| version.id.clone())
}

/// The new value is pending.
pub struct Put {
    pub name: &'static str,
    pub world: World,
    pub inputs: RotateInputs,
    /// What whoever runs it gave.
    pub given: Option<SecretValue>,
}

impl Put {
    /// Made up only now, and kept nowhere but in the place for secrets.
    async fn value(&self) -> Result<SecretValue> {
        let (kind, inputs) = (self.inputs.kind, &self.inputs);
        if inputs.origin == Origin::Given {
            return self.given.clone().ok_or_else(|| generate::not_given(kind));
        }
        let before = match &inputs.before {
            Some(before) => Some(self.world.secrets()?.store.read(kind, before).await?),
            None => None,
        };
        let login = inputs.logins.as_ref().map(|logins| logins.to.as_str());
        generate::value(kind, login, before.as_ref())
    }
}

#[async_trait]
impl Step for Put {
    type Output = VersionId;

    fn name(&self) -> StepName {
        StepName::fixed(self.name)
    }

    async fn check(&self, _: &StepContext<'_>) -> Result<StepState<VersionId>> {
        let found = facts(&self.world, self.inputs.kind).await?;
        if found.version(&self.inputs.version).is_some() {
            return Ok(StepState::Done(self.inputs.version.clone()));
        }
        Ok(match found.pending() {
            Some(other) => StepState::Foreign(format!("version {} is pending", other.id)),
            None if self.inputs.origin == Origin::Pending => StepState::Foreign(format!(
                "version {} is pending no more",
                self.inputs.version
            )),
            None => StepState::Absent,
        })
    }

    async fn apply(&self, _: &StepContext<'_>, permit: &Permit<'_>) -> Result<VersionId> {
        let value = self.value().await?;
        let version = self.inputs.version.clone();
        let store = &self.world.secrets()?.store;
        store
            .put_pending(permit, self.inputs.kind, &version, &value)
            .await?;
        Ok(version)
    }

    async fn verify(&self, _: &StepContext<'_>, version: &VersionId) -> Result<()> {
        let store = &self.world.secrets()?.store;
        store.read(self.inputs.kind, version).await.map(drop)
    }
}

/// A version has a stage no more.
pub struct Drop {
    pub name: &'static str,
    pub world: World,
    pub kind: SecretKind,
    pub stage: Stage,
    pub version: VersionId,
}

#[async_trait]
impl Step for Drop {
    type Output = VersionId;

    fn name(&self) -> StepName {
        StepName::fixed(self.name)
    }

    async fn check(&self, _: &StepContext<'_>) -> Result<StepState<VersionId>> {
        let at = id_at(&facts(&self.world, self.kind).await?, self.stage);
        Ok(match at.as_ref() == Some(&self.version) {
            true => StepState::Absent,
            false => StepState::Done(self.version.clone()),
        })
    }

    async fn apply(&self, _: &StepContext<'_>, permit: &Permit<'_>) -> Result<VersionId> {
        let store = &self.world.secrets()?.store;
        store
            .drop_stage(permit, self.kind, self.stage, &self.version)
            .await?;
        Ok(self.version.clone())
    }
}

/// Another version is current.
pub struct Move {
    pub name: &'static str,
    pub world: World,
    pub kind: SecretKind,
    pub from: Option<VersionId>,
    pub to: VersionId,
    /// What has to be so at the last moment.
    pub proof: Option<super::LogIn>,
}

#[async_trait]
impl Step for Move {
    type Output = VersionId;

    fn name(&self) -> StepName {
        StepName::fixed(self.name)
    }

    async fn check(&self, _: &StepContext<'_>) -> Result<StepState<VersionId>> {
        let current = id_at(&facts(&self.world, self.kind).await?, Stage::Current);
        Ok(match current {
            current if current.as_ref() == Some(&self.to) => StepState::Done(self.to.clone()),
            current if current == self.from => StepState::Absent,
            Some(other) => StepState::Foreign(format!("version {other} is current")),
            None => StepState::Foreign("no version is current".into()),
        })
    }

    async fn apply(&self, _: &StepContext<'_>, permit: &Permit<'_>) -> Result<VersionId> {
        if let Some(proof) = &self.proof {
            proof.prove().await?;
        }
        let store = &self.world.secrets()?.store;
        store
            .move_current(permit, self.kind, self.from.as_ref(), &self.to)
            .await?;
        Ok(self.to.clone())
    }

    async fn verify(&self, _: &StepContext<'_>, to: &VersionId) -> Result<()> {
        let current = id_at(&facts(&self.world, self.kind).await?, Stage::Current);
        match current.as_ref() == Some(to) {
            true => Ok(()),
            false => {
                let what = format!("version {to} of '{}' did not become current", self.kind);
                Err(Failure::new(FailureKind::Unknown, what))
            }
        }
    }
}

/// It is noted until when the value before is needed.
pub struct Retire {
    pub name: &'static str,
    pub world: World,
    pub inputs: RotateInputs,
}

impl Retire {
    async fn previous(&self) -> Result<VersionId> {
        let previous = id_at(
            &facts(&self.world, self.inputs.kind).await?,
            Stage::Previous,
        );
        previous.ok_or_else(|| {
            let what = format!("no version of '{}' is the one before", self.inputs.kind);
            Failure::new(FailureKind::Unknown, what)
        })
    }
}

#[async_trait]
impl Step for Retire {
    type Output = Retiring;

    fn name(&self) -> StepName {
        StepName::fixed(self.name)
    }

    async fn check(&self, _: &StepContext<'_>) -> Result<StepState<Retiring>> {
        Ok(StepState::Absent)
    }

    /// Written again by a run that goes on, it only says a later moment: the safe side.
    async fn apply(&self, context: &StepContext<'_>, permit: &Permit<'_>) -> Result<Retiring> {
        let overlap = self
            .inputs
            .overlap
            .map_or_else(Default::default, |span| span.0);
        let retiring = Retiring {
            version: self.previous().await?,
            needed_until: context.clock.now().plus(overlap),
        };
        let (store, key) = (self.world.store.as_ref(), retiring_key(self.inputs.kind));
        let register = Register::<Retiring>::at(store, key);
        let (generation, _) = register.load().await?;
        permit.check()?;
        match register.swap(generation, &retiring).await? {
            Swapped::Done(_) => Ok(retiring),
            Swapped::Lost => Err(Failure::new(
                FailureKind::Locked,
                "somebody else noted another end of the key before",
            )),
        }
    }
}
