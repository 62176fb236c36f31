//! What applying each manifest would change: proven without asking where that can be, asked of the server otherwise.

use super::diff::changes;
use super::inputs::{ObjectChange, PlannedObject};
use super::live::Live;
use super::settle::{leave_the_scale, wear_the_marks_of};
use super::unchanged::prove_unchanged;
use super::waves::Wave;
use crate::failure::Result;
use crate::ports::{Cluster, Refusal, RefusalReason};
use crate::workloads::Object;

/// The objects as they will be applied, and what the server refused.
#[derive(Debug, Default)]
pub struct Compared {
    /// In the order in which they are applied.
    pub objects: Vec<PlannedObject>,
    /// Everything that would fail.
    pub refusals: Vec<Refusal>,
}

/// Compares the manifests with what is live.
///
/// # Errors
/// When the API server does not answer.
pub async fn compare(
    cluster: &dyn Cluster,
    manifests: Vec<Object>,
    live: &Live,
) -> Result<Compared> {
    let scalers: Vec<Object> = manifests
        .iter()
        .filter(|object| object.text("/kind") == "HorizontalPodAutoscaler")
        .cloned()
        .collect();
    let mut settled = Vec::new();
    let mut open = Vec::new();
    for mut object in manifests {
        let found = live.find(&object.reference());
        if let Some(found) = found {
            leave_the_scale(&mut object, found, &scalers);
        }
        let same = found.is_some_and(|found| is_proven(&object, found));
        if !same {
            open.push((settled.len(), marked(&object, found)));
        }
        settled.push(PlannedObject {
            wave: Wave::of(&object),
            object,
            change: ObjectChange::Same,
        });
    }
    let refusals = ask(cluster, &mut settled, &open, live).await?;
    settled.sort_by_key(|planned| planned.wave);
    Ok(Compared {
        objects: settled,
        refusals,
    })
}

fn is_proven(object: &Object, live: &Object) -> bool {
    let manifest = marked(object, Some(live));
    prove_unchanged(&manifest, live).holds()
}

fn marked(object: &Object, live: Option<&Object>) -> Object {
    let mut marked = object.clone();
    if let Some(live) = live {
        wear_the_marks_of(live, &mut marked);
    }
    marked
}

/// Asks the server about what could not be proven.
async fn ask(
    cluster: &dyn Cluster,
    settled: &mut [PlannedObject],
    open: &[(usize, Object)],
    live: &Live,
) -> Result<Vec<Refusal>> {
    let questions: Vec<Object> = open.iter().map(|(_, object)| object.clone()).collect();
    let grounds: Vec<String> = new_namespaces(&questions, live);
    let mut refusals = Vec::new();
    for ((place, object), answer) in open.iter().zip(cluster.preview(&questions).await?) {
        let found = live.find(&object.reference());
        match answer {
            Ok(previewed) => settled[*place].change = change(found, &previewed),
            // What lives in a namespace that this very release makes can't be tried yet.
            Err(refusal) if waits_for_ground(&refusal, &grounds) => {
                settled[*place].change = ObjectChange::Create;
            }
            Err(refusal) => refusals.push(refusal),
        }
    }
    Ok(refusals)
}

fn new_namespaces(objects: &[Object], live: &Live) -> Vec<String> {
    let namespaces = objects.iter().filter(|it| it.text("/kind") == "Namespace");
    let new = namespaces.filter(|it| live.find(&it.reference()).is_none());
    new.map(|it| it.text("/metadata/name").to_owned()).collect()
}

fn waits_for_ground(refusal: &Refusal, grounds: &[String]) -> bool {
    let namespace = refusal.object.namespace.as_ref();
    refusal.reason == RefusalReason::Namespace
        && namespace.is_some_and(|namespace| grounds.contains(namespace))
}

/// What the server's answer changes of the live object.
#[must_use]
pub fn change(live: Option<&Object>, previewed: &Object) -> ObjectChange {
    let Some(live) = live else {
        return ObjectChange::Create;
    };
    let fields = changes(Some(live), previewed);
    match fields.is_empty() {
        true => ObjectChange::Same,
        false => ObjectChange::Change {
            uid: live.uid().to_owned(),
            resource_version: live.resource_version().to_owned(),
            fields,
        },
    }
}
