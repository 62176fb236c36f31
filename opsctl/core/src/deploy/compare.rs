//! What applying each manifest would change: proven without asking where that can be, asked of the server otherwise.

use super::diff::changes;
use super::ground::Ground;
use super::inputs::{ObjectChange, PlannedObject};
use super::live::Live;
use super::settle::{leave_the_scale, wear_the_marks_of};
use super::unchanged::prove_unchanged;
use super::waves::Wave;
use crate::failure::Result;
use crate::ports::{Cluster, Refusal};
use crate::workloads::Object;

/// The objects as they will be applied, and what the server refused.
#[derive(Debug, Default)]
pub struct Compared {
    /// In the order in which they are applied.
    pub objects: Vec<PlannedObject>,
    /// Everything that would fail.
    pub refusals: Vec<Refusal>,
}

/// What must be asked, and whose place it has among all objects.
#[derive(Debug, Default)]
struct Open {
    places: Vec<usize>,
    questions: Vec<Object>,
}

/// So many answers are held at once: each is a whole object, with all its owners of fields.
const AT_ONCE: usize = 250;

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
    let mut open = Open::default();
    for mut object in manifests {
        let found = live.find(&object.reference());
        if let Some(found) = found {
            leave_the_scale(&mut object, found, &scalers);
        }
        let same = found.is_some_and(|found| is_proven(&object, found));
        if !same {
            open.places.push(settled.len());
            open.questions.push(marked(&object, found));
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
    open: &Open,
    live: &Live,
) -> Result<Vec<Refusal>> {
    let ground = Ground::of(&open.questions, live);
    let mut refusals = Vec::new();
    let parts = open.places.chunks(AT_ONCE);
    for (places, questions) in parts.zip(open.questions.chunks(AT_ONCE)) {
        let answers = cluster.preview(questions).await?;
        for ((place, object), answer) in places.iter().zip(questions).zip(answers) {
            let found = live.find(&object.reference());
            match answer {
                Ok(previewed) => settled[*place].change = change(found, &previewed),
                // What needs a namespace or a kind that this very release makes can't be tried yet.
                Err(refusal) if ground.will_bear(&refusal) => {
                    settled[*place].change = ObjectChange::Create;
                }
                Err(refusal) => refusals.push(refusal),
            }
        }
    }
    Ok(refusals)
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
