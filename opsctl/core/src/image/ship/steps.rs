//! Bring the blobs, put the manifests, attach what belongs to it, give the tag.

use std::sync::Arc;

use async_trait::async_trait;

use super::ShipInputs;
use super::plan::{ATTACH, BLOBS, MANIFESTS, TAG, names_now};
use crate::engine::{Step, StepContext, StepState};
use crate::failure::{Failure, FailureKind, Result};
use crate::guard::Permit;
use crate::image::{Descriptor, Digest, ManifestName, may_name};
use crate::names::StepName;
use crate::ports::{Brought, ImagePlace, Registry};

/// What lies in a registry without a tag is of nobody, and is taken away by the registry itself.
const UNTAGGED: &str = "blobs may lie in the registry, and no tag names them";

/// What every step needs.
pub(super) struct Carried {
    pub registry: Arc<dyn Registry>,
    pub inputs: ShipInputs,
}

/// How the blobs came.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(super) struct Sent {
    /// They were there.
    pub held: u64,
    /// The registry had them.
    pub mounted: u64,
    /// They were sent.
    pub sent: u64,
    /// So many bytes.
    pub bytes: u64,
}

impl Carried {
    /// Whether the registry has all of these manifests.
    async fn has(&self, manifests: &[Descriptor]) -> Result<bool> {
        for manifest in manifests {
            let name = ManifestName::Digest(manifest.digest.clone());
            if self
                .registry
                .find(&self.inputs.into, &name)
                .await?
                .is_none()
            {
                return Ok(false);
            }
        }
        Ok(true)
    }

    async fn put_all(&self, permit: &Permit<'_>, manifests: &[Descriptor]) -> Result<()> {
        for manifest in manifests {
            let name = ManifestName::Digest(manifest.digest.clone());
            self.put(permit, &manifest.digest, &name).await?;
        }
        Ok(())
    }

    /// Puts a manifest, as its source has it, under a name.
    async fn put(&self, permit: &Permit<'_>, digest: &Digest, name: &ManifestName) -> Result<()> {
        let (registry, into) = (&self.registry, &self.inputs.into);
        let exact = ManifestName::Digest(digest.clone());
        let raw = registry.manifest(&self.inputs.from, &exact).await?;
        permit.check()?;
        let put = registry.put(permit, into, name, &raw).await;
        put.map_err(|error| Failure::from(error).left(UNTAGGED))
    }
}

/// Brings every blob.
pub(super) struct Blobs(pub Carried);

#[async_trait]
impl Step for Blobs {
    type Output = Sent;

    fn name(&self) -> StepName {
        StepName::fixed(BLOBS)
    }

    async fn check(&self, _: &StepContext<'_>) -> Result<StepState<Sent>> {
        let Carried { registry, inputs } = &self.0;
        let mut held = 0;
        for blob in &inputs.freight.blobs {
            if !registry.holds(&inputs.into, &blob.digest).await? {
                return Ok(StepState::Absent);
            }
            held += 1;
        }
        Ok(StepState::Done(Sent {
            held,
            ..Sent::default()
        }))
    }

    async fn apply(&self, context: &StepContext<'_>, permit: &Permit<'_>) -> Result<Sent> {
        let Carried { registry, inputs } = &self.0;
        let mut sent = Sent::default();
        for blob in &inputs.freight.blobs {
            if context.interrupt.requested().is_some() {
                return Err(Failure::new(FailureKind::Stopped, "stopped between blobs"));
            }
            permit.check()?;
            let bring = registry.bring(permit, &inputs.from, &inputs.into, blob, &context.progress);
            let brought = bring
                .await
                .map_err(|error| Failure::from(error).left(UNTAGGED))?;
            match brought {
                Brought::Held => sent.held += 1,
                Brought::Mounted => sent.mounted += 1,
                Brought::Sent => {
                    sent.sent += 1;
                    sent.bytes += blob.size;
                }
            }
        }
        Ok(sent)
    }

    async fn still_holds(&self, context: &StepContext<'_>, _: &Sent) -> Result<bool> {
        Ok(matches!(self.check(context).await?, StepState::Done(_)))
    }
}

/// Puts the manifests by their digests: nobody sees them yet.
pub(super) struct Manifests(pub Carried);

#[async_trait]
impl Step for Manifests {
    type Output = Digest;

    fn name(&self) -> StepName {
        StepName::fixed(MANIFESTS)
    }

    async fn check(&self, _: &StepContext<'_>) -> Result<StepState<Digest>> {
        let freight = &self.0.inputs.freight;
        Ok(match self.0.has(&freight.manifests).await? {
            true => StepState::Done(freight.image.digest.clone()),
            false => StepState::Absent,
        })
    }

    async fn apply(&self, _: &StepContext<'_>, permit: &Permit<'_>) -> Result<Digest> {
        let freight = &self.0.inputs.freight;
        self.0.put_all(permit, &freight.manifests).await?;
        Ok(freight.image.digest.clone())
    }

    async fn still_holds(&self, _: &StepContext<'_>, _: &Digest) -> Result<bool> {
        self.0.has(&self.0.inputs.freight.manifests).await
    }
}

/// Attaches what belongs to the image.
pub(super) struct Attach(pub Carried);

#[async_trait]
impl Step for Attach {
    type Output = u64;

    fn name(&self) -> StepName {
        StepName::fixed(ATTACH)
    }

    async fn check(&self, _: &StepContext<'_>) -> Result<StepState<u64>> {
        let Carried { registry, inputs } = &self.0;
        let place = ImagePlace::Repository(inputs.into.clone());
        let there = registry.attached(&place, &inputs.freight.image.digest);
        let there = there.await?;
        let wanted = &inputs.freight.attached;
        let listed = |one: &Descriptor| there.iter().any(|other| other.digest == one.digest);
        Ok(match wanted.iter().all(listed) {
            true => StepState::Done(wanted.len() as u64),
            false => StepState::Absent,
        })
    }

    async fn apply(&self, _: &StepContext<'_>, permit: &Permit<'_>) -> Result<u64> {
        let attached = &self.0.inputs.freight.attached;
        self.0.put_all(permit, attached).await?;
        Ok(attached.len() as u64)
    }

    async fn still_holds(&self, context: &StepContext<'_>, _: &u64) -> Result<bool> {
        Ok(matches!(self.check(context).await?, StepState::Done(_)))
    }
}

/// Gives the tag.
pub(super) struct PutTag(pub Carried);

impl PutTag {
    async fn named(&self) -> Result<Option<Digest>> {
        let Carried { registry, inputs } = &self.0;
        names_now(registry.as_ref(), &inputs.into, &inputs.tag).await
    }
}

#[async_trait]
impl Step for PutTag {
    type Output = Digest;

    fn name(&self) -> StepName {
        StepName::fixed(TAG)
    }

    /// No registry compares before it sets: this look, right before, is as near as anybody comes.
    async fn check(&self, _: &StepContext<'_>) -> Result<StepState<Digest>> {
        let inputs = &self.0.inputs;
        let image = &inputs.freight.image.digest;
        let named = self.named().await?;
        if named.as_ref() == Some(image) {
            return Ok(StepState::Done(image.clone()));
        }
        if named != inputs.before {
            let now = named.map_or_else(|| "nothing".into(), |other| other.to_string());
            let tag = &inputs.tag;
            return Ok(StepState::Foreign(format!("'{tag}' names {now} by now")));
        }
        may_name(&inputs.tag, image, named.as_ref(), inputs.by)?;
        Ok(StepState::Absent)
    }

    async fn apply(&self, _: &StepContext<'_>, permit: &Permit<'_>) -> Result<Digest> {
        let inputs = &self.0.inputs;
        let image = &inputs.freight.image.digest;
        let name = ManifestName::Tag(inputs.tag.clone());
        self.0.put(permit, image, &name).await?;
        Ok(image.clone())
    }

    async fn verify(&self, _: &StepContext<'_>, image: &Digest) -> Result<()> {
        let inputs = &self.0.inputs;
        match self.named().await? {
            Some(named) if named == *image => Ok(()),
            named => Err(Failure::new(
                FailureKind::Unknown,
                format!("'{}' was given and names something else", inputs.target()),
            )
            .cause(named.map_or_else(|| "nothing".into(), |it| it.to_string()))
            .hint("opsctl image list")),
        }
    }
}
