//! Reading objects: one, or all of a scope, a page at a time.

use opsctl_core::ports::{Listed, Scope};
use opsctl_core::workloads::{Object, ObjectRef};
use serde::Deserialize;
use serde_json::Value;

use crate::connection::Connection;
use crate::place::{Place, plain};
use crate::question::Question;
use crate::trouble::Trouble;

/// So many objects an answer: neither side has to hold everything as one text.
const PAGE: usize = 1000;

#[derive(Deserialize)]
struct Page {
    metadata: PageMetadata,
    /// `null` for none.
    items: Option<Vec<Value>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PageMetadata {
    #[serde(default)]
    resource_version: String,
    #[serde(rename = "continue", default)]
    rest: String,
}

/// One object, if it is there.
pub async fn get(
    connection: &Connection,
    place: &Place,
    object: &ObjectRef,
) -> Result<Option<Object>, Trouble> {
    match place.object(object) {
        Ok(path) => at(connection, &path).await,
        Err(_) => Ok(None),
    }
}

/// The object of a path, if there is one.
pub async fn at(connection: &Connection, path: &str) -> Result<Option<Object>, Trouble> {
    match connection.read(&Question::get(path)).await {
        Err(trouble) if trouble.code() == Some(404) => Ok(None),
        answer => answer.map(|value| Some(Object(value))),
    }
}

/// Everything of a scope at one moment. `ask` may lessen the patience of each question.
pub async fn list(
    connection: &Connection,
    place: &Place,
    scope: &Scope,
    ask: impl Fn(Question) -> Question,
) -> Result<Listed, Trouble> {
    let path = format!("{}&limit={PAGE}", path(place, scope));
    let mut listed = begin(connection, place, &path, &ask).await?;
    while !listed.rest.is_empty() {
        let question = Question::get(format!("{path}&continue={}", plain(&listed.rest)));
        match connection.read(&ask(question)).await {
            // The moment of the first page is too old for the next one.
            Err(trouble) if trouble.is_expired() => {
                listed = begin(connection, place, &path, &ask).await?;
            }
            page => listed.add(place, page?),
        }
    }
    Ok(Listed {
        objects: listed.objects,
        resource_version: listed.resource_version,
    })
}

/// The path of a scope, with its selector; more may be added to its query.
pub fn path(place: &Place, scope: &Scope) -> String {
    let collection = place.collection(scope.namespace.as_deref());
    let labels = scope.labels.as_deref().unwrap_or_default();
    format!("{collection}?labelSelector={}", plain(labels))
}

/// In a list the API server leaves out of each object what it is.
fn whole(place: &Place, mut item: Value) -> Object {
    item["apiVersion"] = place.kind.api_version.as_str().into();
    item["kind"] = place.kind.kind.as_str().into();
    Object(item)
}

#[derive(Default)]
struct Pages {
    objects: Vec<Object>,
    resource_version: String,
    rest: String,
}

impl Pages {
    fn add(&mut self, place: &Place, page: Page) {
        let items = page.items.into_iter().flatten();
        self.objects.extend(items.map(|item| whole(place, item)));
        self.resource_version = page.metadata.resource_version;
        self.rest = page.metadata.rest;
    }
}

async fn begin(
    connection: &Connection,
    place: &Place,
    path: &str,
    ask: &impl Fn(Question) -> Question,
) -> Result<Pages, Trouble> {
    let mut pages = Pages::default();
    let page = connection.read(&ask(Question::get(path))).await?;
    pages.add(place, page);
    Ok(pages)
}
