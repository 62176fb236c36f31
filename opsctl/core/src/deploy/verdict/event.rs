//! An event of Kubernetes, read: about what, why, in which words, how often. Both of its forms (`v1`, `events.k8s.io/v1`).

use serde_json::Value;

use crate::workloads::{Object, ObjectKind, ObjectRef};

/// An event, read.
#[derive(Debug, Clone, Copy)]
pub struct EventView<'a> {
    object: &'a Object,
    /// `Failed`, `Unhealthy`, `FailedScheduling`.
    pub reason: &'a str,
    /// Its words.
    pub message: &'a str,
    /// When it was seen last, as RFC 3339; only for an order.
    pub last: &'a str,
}

impl<'a> EventView<'a> {
    /// The event that an object is, if it is one.
    #[must_use]
    pub fn of(object: &'a Object) -> Option<Self> {
        if object.text("/kind") != "Event" {
            return None;
        }
        let first_of = |pointers: &[&str]| {
            let found = pointers.iter().find_map(|pointer| object.find(pointer));
            found.unwrap_or_default()
        };
        Some(Self {
            object,
            reason: object.text("/reason"),
            message: first_of(&["/message", "/note"]),
            last: first_of(&[
                "/series/lastObservedTime",
                "/lastTimestamp",
                "/deprecatedLastTimestamp",
                "/eventTime",
                "/metadata/creationTimestamp",
            ]),
        })
    }

    /// What it is about, as a key: the uid where there is one, else the name.
    #[must_use]
    pub fn about(&self) -> String {
        let involved = self.involved();
        match involved["uid"].as_str() {
            Some(uid) if !uid.is_empty() => uid.to_owned(),
            _ => Self::by_name(&ObjectRef {
                kind: ObjectKind::new("", involved["kind"].as_str().unwrap_or_default()),
                namespace: involved["namespace"].as_str().map(str::to_owned),
                name: involved["name"].as_str().unwrap_or_default().to_owned(),
            }),
        }
    }

    /// The key of events about an object of this name, where they don't know its uid.
    #[must_use]
    pub fn by_name(object: &ObjectRef) -> String {
        let namespace = object.namespace.as_deref().unwrap_or_default();
        format!("{}/{namespace}/{}", object.kind.kind, object.name)
    }

    /// The container that it is about: `spec.containers{api}` says `api`.
    #[must_use]
    pub fn container(&self) -> Option<&'a str> {
        let path = self.involved()["fieldPath"].as_str()?;
        let (_, rest) = path.split_once('{')?;
        rest.strip_suffix('}')
    }

    /// How often it was seen.
    #[must_use]
    pub fn count(&self) -> i64 {
        let counts = ["/series/count", "/count", "/deprecatedCount"];
        let most = counts.iter().map(|pointer| self.object.number(pointer));
        most.max().unwrap_or_default().max(1)
    }

    /// Its own id.
    #[must_use]
    pub fn uid(&self) -> &'a str {
        self.object.uid()
    }

    fn involved(&self) -> &'a Value {
        let value = &self.object.0;
        match value.get("involvedObject") {
            Some(involved) => involved,
            None => &value["regarding"],
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_older_form_tells_its_container_and_its_count() {
        let object = Object(json!({
            "apiVersion": "v1", "kind": "Event", "metadata": {"uid": "e"},
            "involvedObject": {"kind": "Pod", "uid": "p", "fieldPath": "spec.containers{api}"},
            "reason": "Unhealthy", "message": "Readiness probe failed: ", "count": 4,
        }));
        let event = EventView::of(&object).unwrap();
        assert_eq!(event.container(), Some("api"));
        assert_eq!((event.count(), event.about().as_str()), (4, "p"));
    }

    #[test]
    fn the_newer_form_tells_its_note_and_its_series() {
        let object = Object(json!({
            "apiVersion": "events.k8s.io/v1", "kind": "Event", "metadata": {"uid": "e"},
            "regarding": {"kind": "Pod", "namespace": "shop", "name": "api-1"},
            "reason": "FailedScheduling", "note": "0/1 nodes are available", "series": {"count": 7},
        }));
        let event = EventView::of(&object).unwrap();
        assert_eq!(event.message, "0/1 nodes are available");
        assert_eq!(event.about(), "Pod/shop/api-1");
        assert_eq!((event.count(), event.container()), (7, None));
    }

    #[test]
    fn what_is_no_event_is_not_read_as_one() {
        assert!(EventView::of(&Object(json!({"kind": "Pod"}))).is_none());
    }
}
