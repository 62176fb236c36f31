//! What a push or a promotion does.

use super::{Freight, freight};
use crate::engine::{
    Action, Basis, Effect, Fact, OperationKind, Plan, Precondition, Severity, When,
};
use crate::failure::{Failure, Result};
use crate::image::{
    Digest, ImageReference, ManifestName, Mover, Repository, Tag, TagKind, may_name,
};
use crate::names::{ResourceName, StepName};
use crate::ports::{ImagePlace, Registry};

pub(super) const BLOBS: &str = "blobs";
pub(super) const MANIFESTS: &str = "manifests";
pub(super) const ATTACH: &str = "attach";
pub(super) const TAG: &str = "tag";

/// What is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shipment {
    /// Who asks.
    pub by: Mover,
    /// Where the image is.
    pub from: ImagePlace,
    /// Its name there.
    pub name: ManifestName,
    /// Where it goes.
    pub into: Repository,
    /// The tag that it gets.
    pub tag: Tag,
}

/// What is, when it is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShipObserved {
    /// What belongs to the image.
    pub freight: Freight,
    /// What the tag names now.
    pub named: Option<Digest>,
}

/// What a plan of a push or a promotion carries.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ShipInputs {
    /// Who asks.
    pub by: Mover,
    /// Where the image is.
    pub from: ImagePlace,
    /// Where it goes.
    pub into: Repository,
    /// The tag that it gets.
    pub tag: Tag,
    /// What the tag named before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<Digest>,
    /// Everything that belongs to it.
    pub freight: Freight,
}

impl ShipInputs {
    /// Whether the image is where it goes already, so that only its tag is missing.
    pub(super) fn stays(&self) -> bool {
        self.from == ImagePlace::Repository(self.into.clone())
    }

    pub(super) fn target(&self) -> ImageReference {
        ImageReference::tagged(self.into.clone(), self.tag.clone())
    }
}

/// Looks up what a plan is made from.
///
/// # Errors
/// When the image is not there, or a registry can't say.
pub async fn observe(registry: &dyn Registry, shipment: &Shipment) -> Result<ShipObserved> {
    let freight = freight(registry, &shipment.from, &shipment.name)
        .await
        .map_err(|failure| failure.in_context(format!("{} is not to be had", shipment.source())))?;
    let named = names_now(registry, &shipment.into, &shipment.tag).await?;
    Ok(ShipObserved { freight, named })
}

/// What a tag names at the moment.
pub(super) async fn names_now(
    registry: &dyn Registry,
    repository: &Repository,
    tag: &Tag,
) -> Result<Option<Digest>> {
    let name = ManifestName::Tag(tag.clone());
    let found = registry.find(repository, &name).await?;
    Ok(found.map(|found| found.digest))
}

impl Shipment {
    fn source(&self) -> String {
        match (&self.from, &self.name) {
            (from, ManifestName::Tag(tag)) => format!("{from}:{tag}"),
            (from, ManifestName::Digest(digest)) => format!("{from}@{digest}"),
        }
    }

    /// `latest` is what production runs, and production runs releases.
    fn may_become_latest(&self) -> Result<()> {
        let released =
            matches!(&self.name, ManifestName::Tag(tag) if tag.kind() == TagKind::Version);
        if self.tag.kind() != TagKind::Latest || released {
            return Ok(());
        }
        Err(Failure::refused("'latest' names releases alone")
            .cause(format!("{} is named by no version", self.source()))
            .left("nothing was changed")
            .hint(format!(
                "opsctl image promote {} v1.2.3, then promote v1.2.3 latest",
                self.name
            )))
    }
}

/// Plans a push or a promotion.
///
/// # Errors
/// Refuses when the tag may not name the image.
pub fn plan(basis: &Basis<'_>, shipment: &Shipment, observed: &ShipObserved) -> Result<Plan> {
    let digest = &observed.freight.image.digest;
    may_name(&shipment.tag, digest, observed.named.as_ref(), shipment.by)?;
    let (kind, severity) = match shipment.by {
        // Adds something under a name of its own: a pipeline does it at every commit.
        Mover::Push => (OperationKind::ImagePush, Severity::Mild),
        Mover::Promote => {
            shipment.may_become_latest()?;
            (OperationKind::ImagePromote, Severity::Moderate)
        }
    };
    let inputs = ShipInputs {
        by: shipment.by,
        from: shipment.from.clone(),
        into: shipment.into.clone(),
        tag: shipment.tag.clone(),
        before: observed.named.clone(),
        freight: observed.freight.clone(),
    };
    Ok(Plan {
        severity,
        resources: vec![ResourceName::new("images")?],
        actions: actions(&inputs),
        preconditions: vec![precondition(&inputs.target(), inputs.before.as_ref())],
        context: facts(shipment, &inputs),
        ..Plan::of(kind, basis, &inputs)?
    })
}

/// Nobody else gave the tag meanwhile.
pub(super) fn precondition(target: &ImageReference, named: Option<&Digest>) -> Precondition {
    Precondition {
        name: target.to_string(),
        value: named.map_or_else(|| "not given".into(), ToString::to_string),
        until: Some(StepName::fixed(TAG)),
    }
}

fn actions(inputs: &ShipInputs) -> Vec<Action> {
    let action = |step, effect, object: String, summary: String| Action {
        step: StepName::fixed(step),
        effect,
        object,
        summary,
        when: When::Success,
    };
    let into = || inputs.into.to_string();
    let freight = &inputs.freight;
    let mut actions = Vec::new();
    if !inputs.stays() {
        let count = freight.blobs.len();
        let summary = format!("bring {count} blobs, {} bytes at most", freight.bytes());
        actions.push(action(BLOBS, Effect::Create, into(), summary));
        let summary = format!("put the manifest {}", freight.image.digest);
        actions.push(action(MANIFESTS, Effect::Create, into(), summary));
    }
    if !inputs.stays() && !freight.attached.is_empty() {
        let summary = "attach the bill of materials, and whatever else belongs to it";
        actions.push(action(ATTACH, Effect::Create, into(), summary.into()));
    }
    let (effect, verb) = match &inputs.before {
        None => (Effect::Create, "give it"),
        Some(before) if *before == freight.image.digest => (Effect::Read, "find it under"),
        Some(_) => (Effect::Change, "move to it"),
    };
    let summary = format!("{verb} the tag {}", inputs.tag);
    actions.push(action(TAG, effect, inputs.target().to_string(), summary));
    actions
}

fn facts(shipment: &Shipment, inputs: &ShipInputs) -> Vec<Fact> {
    let fact = |name: &str, value: String| Fact {
        name: name.into(),
        value,
    };
    vec![
        fact("from", shipment.source()),
        fact("image", inputs.freight.image.digest.to_string()),
        fact("attached", inputs.freight.attached.len().to_string()),
    ]
}
