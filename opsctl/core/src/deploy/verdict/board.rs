//! What is live, as the watches tell it: objects by name, by owner, and the events about each.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::event::EventView;
use crate::ports::{Change, Scope};
use crate::workloads::{Object, ObjectRef};

/// The live objects of the namespaces of a release: workloads, replica sets, pods, claims, events.
#[derive(Debug, Clone, Default)]
pub struct Board {
    objects: BTreeMap<ObjectRef, Object>,
    owned: BTreeMap<String, BTreeSet<ObjectRef>>,
    events: BTreeMap<String, BTreeSet<ObjectRef>>,
    away: Option<String>,
}

impl Board {
    /// Takes what a watch tells of its scope.
    pub fn take(&mut self, scope: &Scope, change: Change) {
        match change {
            Change::Present(object) => self.put(object),
            Change::Gone(object) => self.remove(&object.reference()),
            Change::Again(objects) => self.replace_all(scope, objects),
            Change::Away(why) => self.away(&why),
        }
    }

    /// Puts an object there, new or changed.
    pub fn put(&mut self, mut object: Object) {
        self.back();
        let name = object.reference();
        self.forget(&name);
        // Who wrote which field is most of an object and no matter of a verdict.
        if let Some(metadata) = object.0["metadata"].as_object_mut() {
            metadata.remove("managedFields");
        }
        if let Some(owner) = object.controller() {
            let owned = self.owned.entry(owner.to_owned()).or_default();
            owned.insert(name.clone());
        }
        if let Some(event) = EventView::of(&object) {
            let about = self.events.entry(event.about()).or_default();
            about.insert(name.clone());
        }
        self.objects.insert(name, object);
    }

    /// Takes an object away.
    pub fn remove(&mut self, name: &ObjectRef) {
        self.back();
        self.forget(name);
    }

    /// Replaces everything of the scope's kind and namespace.
    pub fn replace_all(&mut self, scope: &Scope, objects: Vec<Object>) {
        let stale: Vec<ObjectRef> = self
            .objects
            .keys()
            .filter(|name| name.kind == scope.kind)
            .filter(|name| scope.namespace.is_none() || name.namespace == scope.namespace)
            .cloned()
            .collect();
        for name in stale {
            self.forget(&name);
        }
        self.back();
        for object in objects {
            self.put(object);
        }
    }

    /// The API server can't be reached: what is on the board may be old.
    pub fn away(&mut self, why: &str) {
        self.away = Some(why.to_owned());
    }

    /// The API server answers again; every change says so too.
    pub fn back(&mut self) {
        self.away = None;
    }

    /// Why the API server can't be reached, while it can't.
    #[must_use]
    pub fn why_away(&self) -> Option<&str> {
        self.away.as_deref()
    }

    /// An object by its name.
    #[must_use]
    pub fn get(&self, name: &ObjectRef) -> Option<&Object> {
        self.objects.get(name)
    }

    /// All objects of a kind, by name.
    pub fn of_kind<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = &'a Object> {
        let all = self.objects.iter();
        all.filter(move |(name, _)| name.kind.kind == kind)
            .map(|(_, object)| object)
    }

    /// The objects of a kind that the object of this uid controls, by name.
    pub fn owned_by<'a>(&'a self, uid: &str, kind: &'a str) -> impl Iterator<Item = &'a Object> {
        let names = self.owned.get(uid).into_iter().flatten();
        names
            .filter(move |name| name.kind.kind == kind)
            .filter_map(|name| self.objects.get(name))
    }

    /// The events about an object, the oldest first.
    #[must_use]
    pub fn events_about(&self, object: &Object) -> Vec<EventView<'_>> {
        let names = [
            self.events.get(object.uid()),
            self.events.get(&EventView::by_name(&object.reference())),
        ];
        let mut events: Vec<EventView<'_>> = names
            .into_iter()
            .flatten()
            .flatten()
            .filter_map(|name| EventView::of(self.objects.get(name)?))
            .collect();
        events.sort_by(|a, b| a.last.cmp(b.last));
        events
    }

    fn forget(&mut self, name: &ObjectRef) {
        let Some(object) = self.objects.remove(name) else {
            return;
        };
        if let Some(owner) = object.controller() {
            drop_name(&mut self.owned, owner, name);
        }
        if let Some(event) = EventView::of(&object) {
            drop_name(&mut self.events, &event.about(), name);
        }
    }
}

fn drop_name(index: &mut BTreeMap<String, BTreeSet<ObjectRef>>, key: &str, name: &ObjectRef) {
    if let Some(names) = index.get_mut(key) {
        names.remove(name);
        if names.is_empty() {
            index.remove(key);
        }
    }
}

/// Whether an object is on its way out.
#[must_use]
pub fn ends(object: &Object) -> bool {
    let deleted = object.0.pointer("/metadata/deletionTimestamp");
    deleted.is_some_and(Value::is_string)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::workloads::ObjectKind;

    fn pod(name: &str, owner: &str) -> Object {
        Object(json!({
            "apiVersion": "v1", "kind": "Pod",
            "metadata": {
                "namespace": "shop", "name": name, "uid": format!("uid-{name}"),
                "managedFields": [{"manager": "kubelet"}],
                "ownerReferences": [{"uid": owner, "controller": true}],
            },
        }))
    }

    fn scope() -> Scope {
        Scope {
            kind: ObjectKind::new("v1", "Pod"),
            namespace: Some("shop".into()),
            labels: None,
        }
    }

    fn names(board: &Board, owner: &str) -> Vec<String> {
        let owned = board.owned_by(owner, "Pod");
        owned.map(|pod| pod.reference().name).collect()
    }

    #[test]
    fn an_object_that_changes_its_owner_leaves_the_old_one() {
        let mut board = Board::default();
        board.put(pod("a", "old"));
        board.put(pod("a", "new"));
        assert!(names(&board, "old").is_empty());
        assert_eq!(names(&board, "new"), ["a"]);
    }

    #[test]
    fn what_is_not_in_a_new_list_is_gone_and_other_namespaces_stay() {
        let mut board = Board::default();
        let mut elsewhere = pod("x", "rs");
        elsewhere.0["metadata"]["namespace"] = json!("other");
        for object in [pod("a", "rs"), pod("b", "rs"), elsewhere] {
            board.put(object);
        }
        board.take(&scope(), Change::Again(vec![pod("b", "rs")]));
        assert_eq!(names(&board, "rs"), ["x", "b"]);
    }

    #[test]
    fn any_word_of_the_server_says_that_it_is_back() {
        let mut board = Board::default();
        board.take(&scope(), Change::Away("connection refused".into()));
        assert_eq!(board.why_away(), Some("connection refused"));
        board.take(&scope(), Change::Gone(pod("a", "rs")));
        assert_eq!(board.why_away(), None);
    }

    #[test]
    fn who_wrote_which_field_is_not_kept() {
        let mut board = Board::default();
        board.put(pod("a", "rs"));
        let kept = board.get(&pod("a", "rs").reference()).unwrap();
        assert!(kept.0["metadata"].get("managedFields").is_none());
    }
}
