//! What a release stands on and may bring itself: namespaces, and definitions of kinds.

use std::time::Duration;

use serde_json::Value;
use tokio::time::Instant;

use super::live::Live;
use crate::failure::{Failure, FailureKind, Result};
use crate::ports::{Cluster, Refusal, RefusalReason};
use crate::workloads::{Object, ObjectKind};

/// So long a server may take until it serves a kind that was defined.
const SERVED_WITHIN: Duration = Duration::from_secs(30);
/// Between two looks.
const GLANCE: Duration = Duration::from_millis(200);

/// What a release makes before anything that needs it.
#[derive(Debug, Default)]
pub struct Ground {
    namespaces: Vec<String>,
    kinds: Vec<ObjectKind>,
}

impl Ground {
    /// What of these objects is ground and not there yet.
    #[must_use]
    pub fn of(objects: &[Object], live: &Live) -> Self {
        let new = objects
            .iter()
            .filter(|it| live.find(&it.reference()).is_none());
        let namespaces = new.filter(|it| it.text("/kind") == "Namespace");
        Self {
            namespaces: namespaces
                .map(|it| it.text("/metadata/name").to_owned())
                .collect(),
            kinds: objects.iter().flat_map(defined).collect(),
        }
    }

    /// Whether the server said no only because the ground is not there yet: then it can't be tried.
    #[must_use]
    pub fn will_bear(&self, refusal: &Refusal) -> bool {
        let object = &refusal.object;
        match refusal.reason {
            RefusalReason::UnknownKind => self.kinds.contains(&object.kind),
            RefusalReason::Namespace => {
                let namespace = object.namespace.as_ref();
                namespace.is_some_and(|namespace| self.namespaces.contains(namespace))
            }
            _ => false,
        }
    }
}

/// The kinds that a definition brings.
fn defined(object: &Object) -> Vec<ObjectKind> {
    if object.text("/kind") != "CustomResourceDefinition" {
        return Vec::new();
    }
    let (group, kind) = (object.text("/spec/group"), object.text("/spec/names/kind"));
    let served = object.items("/spec/versions").iter();
    let served = served.filter(|version| version["served"] == true);
    served
        .filter_map(|version| version["name"].as_str())
        .map(|version| ObjectKind::new(&format!("{group}/{version}"), kind))
        .collect()
}

/// Waits until the server serves what was defined: it takes a definition before it can take objects of it.
///
/// # Errors
/// When it does not; with what it says of the definition.
pub async fn served(cluster: &dyn Cluster, applied: &[Object]) -> Result<()> {
    let deadline = Instant::now() + SERVED_WITHIN;
    for definition in applied {
        let kinds = defined(definition);
        while cluster.namespaced(&kinds).await?.contains(&None) {
            if Instant::now() >= deadline {
                return Err(not_served(cluster, definition).await?);
            }
            tokio::time::sleep(GLANCE).await;
        }
    }
    Ok(())
}

async fn not_served(cluster: &dyn Cluster, definition: &Object) -> Result<Failure> {
    let name = definition.reference();
    let live = cluster.get(&name).await?;
    let conditions = live
        .iter()
        .flat_map(|live| live.items("/status/conditions"));
    let mut against = conditions.filter(|condition| condition["status"] == "False");
    let words = against.find_map(|condition: &Value| condition["message"].as_str());
    let what = format!("the API server does not serve what {name} defines");
    let cause = words.unwrap_or("it says nothing of it");
    Ok(Failure::new(FailureKind::PromiseBroken, what)
        .cause(cause.to_owned())
        .hint(format!("kubectl describe crd {}", name.name)))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::workloads::ObjectRef;

    fn ground() -> Ground {
        let definition = Object(json!({"apiVersion": "apiextensions.k8s.io/v1",
            "kind": "CustomResourceDefinition", "metadata": {"name": "widgets.example.org"},
            "spec": {"group": "example.org", "names": {"kind": "Widget"}, "versions": [
                {"name": "v1", "served": true}, {"name": "v0", "served": false}]}}));
        let namespace =
            Object(json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop"}}));
        Ground::of(&[definition, namespace], &Live::default())
    }

    fn refusal(reason: RefusalReason, version: &str, namespace: &str) -> Refusal {
        Refusal {
            object: ObjectRef {
                kind: ObjectKind::new(version, "Widget"),
                namespace: Some(namespace.into()),
                name: "one".into(),
            },
            reason,
            message: String::new(),
        }
    }

    #[test]
    fn what_needs_a_kind_or_a_namespace_that_comes_with_it_can_not_be_tried_yet() {
        let unknown = RefusalReason::UnknownKind;
        let of = |version| refusal(unknown, version, "other");
        assert!(ground().will_bear(&of("example.org/v1")));
        assert!(!ground().will_bear(&of("example.org/v0")), "not served");
        assert!(!ground().will_bear(&of("example.org/v2")), "not defined");
        let homeless = |namespace| refusal(RefusalReason::Namespace, "v1", namespace);
        assert!(ground().will_bear(&homeless("shop")));
        assert!(!ground().will_bear(&homeless("other")));
        let invalid = refusal(RefusalReason::Invalid, "example.org/v1", "shop");
        assert!(!ground().will_bear(&invalid));
    }
}
