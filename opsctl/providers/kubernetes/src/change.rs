//! Changing objects: server-side apply, tried without effect or for good, and deletion.

use std::borrow::Cow;

use opsctl_core::guard::Permit;
use opsctl_core::ports::{Refusal, RefusalReason};
use opsctl_core::workloads::{Object, ObjectRef};
use serde_json::json;

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

/// What the object would become. Who would own which field is left out: that part is the largest of many.
pub async fn preview(
    connection: &Connection,
    place: Option<&Place>,
    object: &Object,
) -> Result<Taken, Trouble> {
    let path = match path(place, object) {
        Ok(path) => path,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let asked = match held(connection, &path, object).await? {
        Ok(asked) => asked,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let question = Question::apply(format!("{path}?{MANAGER}{WITHOUT_EFFECT}"), &asked.0);
    let taken = taken(object, connection.ask(&question).await)?;
    Ok(taken.map(without_owners))
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
    let asked = match held(connection, &path, object).await? {
        Ok(asked) => asked,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let question = Question::apply(format!("{path}?{MANAGER}"), &asked.0);
    let Heard { answer, doubtful } = connection.heard(&question, Some(permit)).await;
    let taken = taken(object, answer)?;
    match &taken {
        Err(refusal) if doubtful && refusal.reason == RefusalReason::Conflict => {
            let there = there_already(connection, place, &path, &asked).await?;
            Ok(there.map_or(taken, Ok))
        }
        _ => Ok(taken),
    }
}

/// The object with its precondition complete: a version alone the API server does not hold against an object that
/// is not there, it makes it anew. An id it does.
async fn held<'a>(
    connection: &Connection,
    path: &str,
    object: &'a Object,
) -> Result<Result<Cow<'a, Object>, Refusal>, Trouble> {
    if object.resource_version().is_empty() || !object.uid().is_empty() {
        return Ok(Ok(Cow::Borrowed(object)));
    }
    let Some(there) = read::at(connection, path).await? else {
        let message = "it has a version, and it is not there";
        let refusal = refusal::known(object, RefusalReason::Conflict, message);
        return Ok(Err(refusal));
    };
    let mut held = object.clone();
    held.0["metadata"]["uid"] = there.uid().into();
    Ok(Ok(Cow::Owned(held)))
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
    place: Option<&Place>,
    path: &str,
    object: &Object,
) -> Result<Option<Object>, Trouble> {
    let mut free = object.clone();
    if let Some(metadata) = free.0["metadata"].as_object_mut() {
        metadata.remove("resourceVersion");
    }
    let Ok(again) = preview(connection, place, &free).await? else {
        return Ok(None);
    };
    let there = read::at(connection, path).await?;
    Ok(there.filter(|there| without_owners(there.clone()) == again))
}

fn without_owners(mut object: Object) -> Object {
    if let Some(metadata) = object.0["metadata"].as_object_mut() {
        metadata.remove("managedFields");
    }
    object
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
