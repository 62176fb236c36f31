//! What runs, beside what was released.

use std::collections::BTreeMap;

use super::court::judge_of;
use super::diff::{FieldChange, drift};
use super::follow::Watching;
use super::gate::HELD;
use super::live::Live;
use super::prepare::{last_success, workloads};
use super::release::{Release, history, manifests};
use super::settle::{OPERATION, leave_the_scale, wear_the_marks_of};
use super::verdict::{Baseline, Branch, Judgement, State};
use crate::environment::{Patience, Span};
use crate::failure::Result;
use crate::ports::{ClusterIdentity, World};
use crate::workloads::{Object, ObjectRef};

/// One object that is not as it was released.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Drifted {
    /// The object.
    pub object: ObjectRef,
    /// Whether it is gone altogether.
    pub gone: bool,
    /// The fields, who changed them and when.
    pub fields: Vec<FieldChange>,
}

/// A Deployment that a gate holds at its first new pods.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Held {
    /// Which.
    pub object: ObjectRef,
    /// By which release.
    pub release: String,
    /// By which operation.
    pub operation: String,
    /// Whether it stands still until somebody decides; else it goes on by itself when its time is over.
    pub stands: bool,
}

/// What runs.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Status {
    /// Where.
    pub cluster: ClusterIdentity,
    /// The release that serves; `None` before the first.
    pub release: Option<Release>,
    /// The newest one, whatever became of it.
    pub newest: Option<Release>,
    /// The images that were released, by name.
    pub images: BTreeMap<String, String>,
    /// The workloads down to their pods.
    pub tree: Vec<Branch>,
    /// What is wrong with them.
    pub findings: Vec<super::verdict::Finding>,
    /// Whether every workload serves.
    pub healthy: bool,
    /// What a gate holds at its first new pods.
    pub held: Vec<Held>,
    /// What differs from the release.
    pub drift: Vec<Drifted>,
}

/// Looks at the cluster and at the history.
///
/// # Errors
/// When one of them does not answer.
pub async fn status(world: &World) -> Result<Status> {
    let settings = workloads(&world.environment)?;
    let watching = Watching::begin(world.cluster()?, &settings.namespace).await?;
    status_on(world, &watching).await
}

/// The same, with the workloads as they are watched already.
pub(super) async fn status_on(world: &World, watching: &Watching) -> Result<Status> {
    let (cluster, settings) = (world.cluster()?, workloads(&world.environment)?);
    let releases = history(world.store.as_ref()).await?;
    let serving = last_success(&releases);
    let objects = match serving {
        Some(number) => manifests(world.store.as_ref(), number).await?,
        None => Vec::new(),
    };
    let names: Vec<ObjectRef> = objects.iter().map(Object::reference).collect();
    let live = Live::read(cluster, names.iter()).await?;
    let judgement = judged(&objects, &live, watching, settings.patience);
    let release = releases.iter().find(|it| Some(it.opened.number) == serving);
    Ok(Status {
        cluster: cluster.identity().await?,
        images: release
            .map(|it| it.opened.images.clone())
            .unwrap_or_default(),
        release: release.cloned(),
        newest: releases.last().cloned(),
        healthy: judgement.state == State::Healthy,
        tree: judgement.tree,
        findings: judgement.findings,
        held: watching
            .board
            .of_kind("Deployment")
            .filter_map(held)
            .collect(),
        drift: drifted(&objects, &live),
    })
}

fn held(live: &Object) -> Option<Held> {
    Some(Held {
        object: live.reference(),
        release: live.annotation(HELD)?.to_owned(),
        operation: live.annotation(OPERATION).unwrap_or_default().to_owned(),
        stands: live.0["spec"]["paused"] == true,
    })
}

fn judged(objects: &[Object], live: &Live, watching: &Watching, patience: Patience) -> Judgement {
    let found = objects.iter().filter_map(|it| live.find(&it.reference()));
    // One look can't tell what lasts.
    let patience = Patience {
        steady: Span::seconds(0),
        ..patience
    };
    // Whatever is wrong now is told, however old.
    let mut judge = judge_of(found, Baseline::default(), patience);
    judge.look(&watching.board, std::time::Duration::ZERO)
}

fn drifted(objects: &[Object], live: &Live) -> Vec<Drifted> {
    let scalers: Vec<Object> = objects
        .iter()
        .filter(|it| it.text("/kind") == "HorizontalPodAutoscaler")
        .cloned()
        .collect();
    let mut all = Vec::new();
    for object in objects {
        let name = object.reference();
        let Some(found) = live.find(&name) else {
            all.push(Drifted {
                object: name,
                gone: true,
                fields: Vec::new(),
            });
            continue;
        };
        let mut wanted = object.clone();
        leave_the_scale(&mut wanted, found, &scalers);
        wear_the_marks_of(found, &mut wanted);
        let fields = drift(&wanted, found);
        if !fields.is_empty() {
            all.push(Drifted {
                object: name,
                gone: false,
                fields,
            });
        }
    }
    all
}
