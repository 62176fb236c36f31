//! Changing objects: server-side apply, tried without effect or for good, and deletion.

use opsctl_core::guard::Permit;
use opsctl_core::ports::{Refusal, RefusalReason};
use opsctl_core::workloads::{Object, ObjectRef};
use serde_json::{Value, json};

use crate::connection::{Connection, Heard, parsed};
use crate::place::Place;
use crate::question::Question;
use crate::read;
use crate::refusal;
use crate::status::Status;
use crate::trouble::Trouble;
use crate::words;

const MANAGER: &str = "fieldManager=opsctl&force=true&fieldValidation=Strict";
const WITHOUT_EFFECT: &str = "&dryRun=All";

/// An object as the API server would have it, or has it now.
pub type Taken = Result<Object, Refusal>;

/// What the object would become.
pub async fn preview(
    connection: &Connection,
    place: Option<&Place>,
    object: &Object,
) -> Result<Taken, Trouble> {
    let path = match path(place, object) {
        Ok(path) => path,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let question = Question::apply(format!("{path}?{MANAGER}{WITHOUT_EFFECT}"), &object.0);
    taken(object, connection.ask(&question).await)
}

/// Applies the object.
pub async fn apply(
    connection: &Connection,
    place: Option<&Place>,
    object: &Object,
    permit: &Permit<'_>,
) -> Result<Taken, Trouble> {
    let path = match path(place, object) {
        Ok(path) => path,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let question = Question::apply(format!("{path}?{MANAGER}"), &object.0);
    let Heard { answer, doubtful } = connection.heard(&question, Some(permit)).await;
    let taken = taken(object, answer)?;
    if let (true, Some(place), Err(refusal)) = (doubtful, place, &taken)
        && refusal.reason == RefusalReason::Conflict
        && let Some(there) = there_already(connection, place, object).await?
    {
        return Ok(Ok(there));
    }
    Ok(taken)
}

/// Deletes that one object, and in the background what hangs on it.
pub async fn delete(
    connection: &Connection,
    place: &Place,
    object: &ObjectRef,
    uid: &str,
    permit: &Permit<'_>,
) -> Result<(), Trouble> {
    let Ok(path) = place.object(object) else {
        return Ok(());
    };
    let options = json!({"apiVersion": "v1", "kind": "DeleteOptions", "propagationPolicy": "Background",
        "preconditions": {"uid": uid}});
    let question = Question::delete(path, &options);
    match connection.heard(&question, Some(permit)).await.answer {
        // It is gone, and perhaps another one has its name.
        Err(trouble) if matches!(trouble.code(), Some(404 | 409)) => Ok(()),
        answer => answer.map(drop),
    }
}

/// An apply whose answer was lost, asked again, meets its own effect: its precondition names a version that is no
/// more. When applying once more would change nothing, that is what happened.
async fn there_already(
    connection: &Connection,
    place: &Place,
    object: &Object,
) -> Result<Option<Object>, Trouble> {
    let mut free = object.clone();
    if let Some(metadata) = free.0["metadata"].as_object_mut() {
        metadata.remove("resourceVersion");
    }
    let Ok(again) = preview(connection, Some(place), &free).await? else {
        return Ok(None);
    };
    let there = read::get(connection, place, &object.reference()).await?;
    Ok(there.filter(|there| content(there) == content(&again)))
}

/// All of it but who owns which field since when.
fn content(object: &Object) -> Value {
    let mut value = object.0.clone();
    if let Some(metadata) = value["metadata"].as_object_mut() {
        metadata.remove("managedFields");
    }
    value
}

fn path(place: Option<&Place>, object: &Object) -> Result<String, Refusal> {
    let reference = object.reference();
    let Some(place) = place else {
        let message = format!(
            "this server has no {} {}",
            reference.kind.api_version, reference.kind
        );
        return Err(refusal::known(object, RefusalReason::UnknownKind, &message));
    };
    let path = place.object(&reference);
    path.map_err(|why| refusal::known(object, RefusalReason::Invalid, &why))
}

fn taken(object: &Object, answer: Result<impl AsRef<[u8]>, Trouble>) -> Result<Taken, Trouble> {
    match answer {
        Ok(body) => Ok(Ok(Object(parsed(body.as_ref())?))),
        Err(Trouble::Refused(status)) => match refusal::of(object, &status) {
            Some(refusal) => Ok(Err(refusal)),
            None => Err(Trouble::Refused(Box::new(Status {
                message: Some(words::about(object, &status.message())),
                ..*status
            }))),
        },
        Err(trouble) => Err(trouble),
    }
}
