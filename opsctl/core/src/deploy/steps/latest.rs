//! Making `latest` name what serves. A registry that says no fails no release: it is said.

use std::sync::Arc;

use async_trait::async_trait;

use crate::deploy::inputs::DeployInputs;
use crate::deploy::latest::LatestMove;
use crate::deploy::plan::LATEST;
use crate::engine::{Step, StepContext, StepState};
use crate::failure::{Failure, Result};
use crate::guard::Permit;
use crate::image::{Digest, ManifestName, Tag};
use crate::names::StepName;
use crate::ports::{ImagePlace, RegistryError, World};

/// What became of it.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(tag = "latest", rename_all = "snake_case")]
pub enum Followed {
    /// It names what serves.
    Names {
        /// The version.
        version: Tag,
    },
    /// It could not be moved.
    Stays {
        /// Why.
        why: String,
    },
}

/// Moves it, after the release was closed.
pub struct MoveLatest {
    pub world: World,
    pub inputs: Arc<DeployInputs>,
}

#[async_trait]
impl Step for MoveLatest {
    type Output = Followed;

    fn name(&self) -> StepName {
        StepName::fixed(LATEST)
    }

    async fn check(&self, _: &StepContext<'_>) -> Result<StepState<Followed>> {
        let wanted = self.wanted()?;
        // A registry that does not answer here does not answer below, and there it is said.
        Ok(match self.named(wanted, Tag::LATEST).await {
            Ok(Some(named)) if named == wanted.image => StepState::Done(done(wanted)),
            _ => StepState::Absent,
        })
    }

    async fn apply(&self, context: &StepContext<'_>, permit: &Permit<'_>) -> Result<Followed> {
        let wanted = self.wanted()?;
        match self.put(wanted, permit).await {
            Ok(()) => Ok(done(wanted)),
            Err(RegistryError::Fenced(failure)) => Err(failure),
            Err(error) => {
                let (why, version) = (error.to_string(), &wanted.version);
                context.progress.warn(format!(
                    "the release serves, and 'latest' could not be moved: {why}; opsctl image promote {version} latest"
                ));
                Ok(Followed::Stays { why })
            }
        }
    }
}

impl MoveLatest {
    fn wanted(&self) -> Result<&LatestMove> {
        let wanted = self.inputs.latest.as_ref();
        wanted.ok_or_else(|| Failure::usage("the plan moves 'latest', and does not say whereto"))
    }

    async fn named(
        &self,
        wanted: &LatestMove,
        tag: &str,
    ) -> std::result::Result<Option<Digest>, RegistryError> {
        let name: ManifestName = ManifestName::Tag(tag.parse().map_err(RegistryError::Fenced)?);
        let found = self.world.registry.find(&wanted.repository, &name).await?;
        Ok(found.map(|found| found.digest))
    }

    async fn put(
        &self,
        wanted: &LatestMove,
        permit: &Permit<'_>,
    ) -> std::result::Result<(), RegistryError> {
        // Whoever moved the version's tag moved it against the rules: `latest` does not follow there.
        let named = self.named(wanted, wanted.version.as_str()).await?;
        if named.as_ref() != Some(&wanted.image) {
            let (version, image) = (&wanted.version, &wanted.image);
            return Err(RegistryError::NotFound(format!("{version} as {image}")));
        }
        let registry = self.world.registry.as_ref();
        let place = ImagePlace::Repository(wanted.repository.clone());
        let image = ManifestName::Digest(wanted.image.clone());
        let manifest = registry.manifest(&place, &image).await?;
        let latest = ManifestName::Tag(Tag::LATEST.parse().map_err(RegistryError::Fenced)?);
        registry
            .put(permit, &wanted.repository, &latest, &manifest)
            .await
    }
}

fn done(wanted: &LatestMove) -> Followed {
    Followed::Names {
        version: wanted.version.clone(),
    }
}
