//! From manifests, or from an earlier release, to the inputs of a plan.

use std::collections::BTreeMap;

use super::compare::{Compared, compare};
use super::inputs::{DeployInputs, OnFailure, Pruned};
use super::latest::follows;
use super::live::{Live, place};
use super::plan::newest;
use super::preflight::{Preflight, preflight, unfit, unservable};
use super::release::{Origin, Release, ReleaseNumber, Verdict, history};
use super::settle::{ENVIRONMENT, MANAGED_BY, OPSCTL, set_images};
use super::steps::STAYS;
use crate::engine::Plan;
use crate::environment::{Environment, GateSettings, WorkloadSettings};
use crate::failure::{Failure, Result};
use crate::image::{Platform, SchemaPoint, SchemaRange};
use crate::ports::{ClusterIdentity, World};
use crate::workloads::{Object, ObjectRef};

/// An image that is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PinnedImage {
    /// Its reference with its digest.
    pub reference: String,
    /// Where it runs.
    pub platforms: Vec<Platform>,
    /// Which schemas it serves, as it says.
    pub schema: Option<SchemaRange>,
}

/// The schema that the images will find.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SchemaOutlook {
    /// It was looked at.
    Known {
        /// As it is.
        live: SchemaPoint,
        /// As it is after the migrations of the release.
        then: SchemaPoint,
    },
    /// It can't be told, and why.
    Unknown(String),
}

/// What is to be released.
#[derive(Debug, Clone)]
pub struct Request {
    /// The manifests, rendered.
    pub manifests: Vec<Object>,
    /// How they came about.
    pub origin: Origin,
    /// The images, by the name that the manifests use.
    pub images: BTreeMap<String, PinnedImage>,
    /// The images that run now.
    pub running: BTreeMap<String, PinnedImage>,
    /// The migrations that come first.
    pub migration: Option<Plan>,
    /// The schema that the images will find.
    pub schema: SchemaOutlook,
    /// What a failure leads to.
    pub on_failure: OnFailure,
    /// Why it is deployed although the environment is frozen.
    pub override_freeze: Option<String>,
}

/// What a plan is made from.
#[derive(Debug)]
pub struct Prepared {
    /// Its inputs.
    pub inputs: DeployInputs,
    /// What would fail, and what there is to worry about.
    pub preflight: Preflight,
}

/// Looks at the cluster and the history, and decides what the release is.
///
/// # Errors
/// When the cluster is another one than it should be, or does not answer.
pub async fn prepare(world: &World, request: Request) -> Result<Prepared> {
    let (cluster, settings) = (world.cluster()?, workloads(&world.environment)?);
    let identity = cluster.identity().await?;
    let releases = history(world.store.as_ref()).await?;
    right_cluster(world, settings, &identity).await?;
    let pinned = request.images;
    let images: BTreeMap<String, String> = pinned
        .iter()
        .map(|(name, image)| (name.clone(), image.reference.clone()))
        .collect();
    let mut manifests = request.manifests;
    manifests
        .iter_mut()
        .for_each(|manifest| set_images(manifest, &images));
    without_secrets(&manifests)?;
    place(cluster, &manifests).await?;
    let names: Vec<ObjectRef> = manifests.iter().map(Object::reference).collect();
    let before = inventory(&releases);
    let live = Live::read(cluster, names.iter().chain(&before)).await?;
    let Compared { objects, refusals } = compare(cluster, manifests, &live).await?;
    let inputs = DeployInputs {
        number: ReleaseNumber(newest(&releases).0 + 1),
        origin: request.origin,
        cluster: identity.uid,
        namespace: settings.namespace.clone(),
        images,
        migration: request.migration.map(Box::new),
        objects,
        secrets: world
            .pod_secrets
            .as_ref()
            .map(|it| it.names())
            .unwrap_or_default(),
        prune: pruned(&world.environment, &before, &names, &live),
        back: last_success(&releases),
        on_failure: request.on_failure,
        patience: settings.patience,
        gate: gate(settings)?,
        override_freeze: request.override_freeze,
        latest: follows(world.environment.settings.images.as_ref(), pinned.values()),
    };
    let preflight = preflight(cluster, &inputs, &live, &refusals).await?;
    let preflight = preflight
        .with(unfit(cluster, pinned.values()).await?)
        .with(unservable(&pinned, &request.running, &request.schema));
    Ok(Prepared { inputs, preflight })
}

/// The gate, if it can ever be passed.
fn gate(settings: &WorkloadSettings) -> Result<Option<GateSettings>> {
    let gate = settings.gate.clone();
    match gate.as_ref().and_then(GateSettings::fault) {
        None => Ok(gate),
        Some(fault) => Err(Failure::usage("the gate of opsctl.yaml can't be passed")
            .cause(format!("workloads.gate: {fault}"))
            .left("nothing was changed")
            .hint("opsctl config show")),
    }
}

/// The workloads of an environment.
///
/// # Errors
/// When it has none.
pub fn workloads(environment: &Environment) -> Result<&WorkloadSettings> {
    environment.settings.workloads.as_ref().ok_or_else(|| {
        Failure::usage(format!("'{}' runs nothing on Kubernetes", environment.name))
            .left("nothing was changed")
            .hint("add --env local-cluster, or `workloads:` to the environment in opsctl.yaml")
    })
}

/// The cluster must be the one of `opsctl.yaml`, or else the one that the environment has always been on.
async fn right_cluster(
    world: &World,
    settings: &WorkloadSettings,
    identity: &ClusterIdentity,
) -> Result<()> {
    let pinned = match &settings.cluster {
        Some(uid) => Some((uid.clone(), "opsctl.yaml")),
        None => super::cluster_of(world.store.as_ref())
            .await?
            .map(|uid| (uid, "the first deploy")),
    };
    match pinned {
        Some((uid, source)) if uid != identity.uid => Err(Failure::refused(format!(
            "{} is another cluster than that of '{}'",
            identity.server, world.environment.name
        ))
        .cause(format!("its id is {}; {source} says {uid}", identity.uid))
        .left("nothing was changed")
        .hint("check --kubeconfig and `workloads.context` in opsctl.yaml")),
        _ => Ok(()),
    }
}

/// What a plan holds is kept in journals, and journals hold no secrets.
fn without_secrets(manifests: &[Object]) -> Result<()> {
    let secret = manifests.iter().find(|manifest| {
        manifest.text("/kind") == "Secret"
            && ["data", "stringData"]
                .iter()
                .any(|part| manifest.0.get(part).is_some())
    });
    match secret {
        None => Ok(()),
        Some(secret) => Err(Failure::usage(format!(
            "{} carries its values in the manifests",
            secret.reference()
        ))
        .left("nothing was changed")
        .hint(
            "let the pods read it from the secrets manager, or make it apart from the manifests",
        )),
    }
}

/// What the cluster holds of earlier releases: of the last one that was not taken back.
fn inventory(releases: &[Release]) -> Vec<ObjectRef> {
    let stands = |release: &&Release| {
        let verdict = release.closed.as_ref().map(|closed| closed.verdict);
        verdict != Some(Verdict::RolledBack)
    };
    let last = releases.iter().rev().find(stands);
    last.map(|release| release.opened.inventory.clone())
        .unwrap_or_default()
}

/// The last release that came to serve. Never merely the one before.
#[must_use]
pub fn last_success(releases: &[Release]) -> Option<ReleaseNumber> {
    let last = releases.iter().rev().find(|release| release.succeeded());
    last.map(|release| release.opened.number)
}

/// Only what this environment's releases made, and never what others may live in.
fn pruned(
    environment: &Environment,
    before: &[ObjectRef],
    now: &[ObjectRef],
    live: &Live,
) -> Vec<Pruned> {
    let gone = before.iter().filter(|name| !now.contains(name));
    let gone = gone.filter(|name| !STAYS.contains(&name.kind.kind.as_str()));
    gone.filter_map(|name| {
        let found = live.find(name)?;
        let ours = found.label(MANAGED_BY) == Some(OPSCTL)
            && found.annotation(ENVIRONMENT) == Some(environment.name.as_str());
        ours.then(|| Pruned {
            object: name.clone(),
            uid: found.uid().to_owned(),
        })
    })
    .collect()
}
