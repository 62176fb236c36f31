//! Who wrote a field last, as the API server keeps it (`managedFields`, FieldsV1).

use serde_json::{Map, Value};

use super::change::FieldOwner;
use super::path::{FieldPath, Segment, element};
use crate::clock::Timestamp;
use crate::workloads::Object;

/// Our name among the managers of fields.
pub const OURS: &str = "opsctl";

/// The fields of one manager: a tree of `f:name`, `k:{…}`, `v:…` and `i:…`; a leaf has nothing below it.
#[derive(Debug, Clone, Copy)]
pub struct Fields<'a>(&'a Map<String, Value>);

impl<'a> Fields<'a> {
    /// The tree that a value is.
    #[must_use]
    pub fn of(value: &'a Value) -> Option<Self> {
        value.as_object().map(Self)
    }

    /// Whether nothing lies below: the manager has the whole of it.
    #[must_use]
    pub fn is_leaf(&self) -> bool {
        self.children().next().is_none()
    }

    /// Whether both are the very same place of the tree.
    #[must_use]
    pub fn is_same(&self, other: Self) -> bool {
        std::ptr::eq(self.0, other.0)
    }

    /// What lies below, by the server's spelling.
    pub fn children(&self) -> impl Iterator<Item = (&'a str, Self)> + use<'a> {
        let below = self.0.iter().filter(|(name, _)| *name != ".");
        below.filter_map(|(name, value)| Some((name.as_str(), Self::of(value)?)))
    }

    /// A field below.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<Self> {
        Self::of(self.0.get(&format!("f:{name}"))?)
    }

    /// An element below: by its keys, its value, or its place.
    #[must_use]
    pub fn element(&self, item: &Value, index: usize) -> Option<Self> {
        let mut below = self.children();
        let fits = |name: &str| match name.split_at_checked(2) {
            Some(("k:", keys)) => key_fits(keys, item),
            Some(("v:", value)) => serde_json::from_str::<Value>(value).is_ok_and(|it| &it == item),
            Some(("i:", place)) => place.parse() == Ok(index),
            _ => false,
        };
        below.find(|(name, _)| fits(name)).map(|(_, fields)| fields)
    }
}

/// Whether an element has these keys. The server adds the one that it has a default for.
fn key_fits(keys: &str, item: &Value) -> bool {
    let Ok(Value::Object(keys)) = serde_json::from_str(keys) else {
        return false;
    };
    keys.iter().all(|(name, value)| match item.get(name) {
        Some(known) => known == value,
        None => name == "protocol" && value == "TCP",
    })
}

/// The fields that opsctl applied, with the version of the kind in which they are told; `None` when there is none, or
/// more than one entry.
#[must_use]
pub fn applied_fields(live: &Object) -> Option<(&str, Fields<'_>)> {
    let entries = live.items("/metadata/managedFields").iter();
    let mut ours = entries.filter(|entry| {
        entry["manager"] == OURS
            && entry["operation"] == "Apply"
            && entry.get("subresource").is_none()
    });
    let entry = ours.next()?;
    let fields = Fields::of(&entry["fieldsV1"])?;
    let version = entry["apiVersion"].as_str()?;
    ours.next().is_none().then_some((version, fields))
}

/// When opsctl last applied another form of the object.
#[must_use]
pub fn applied_at(live: &Object) -> Option<Timestamp> {
    let entries = live.items("/metadata/managedFields").iter();
    let ours = entries.filter(|entry| entry["manager"] == OURS && entry["operation"] == "Apply");
    ours.filter_map(|entry| told(entry).time).max()
}

/// The manager other than opsctl that has a field of the live object; the latest, if several have.
#[must_use]
pub fn owner(live: &Object, path: &FieldPath) -> Option<FieldOwner> {
    let entries = live.items("/metadata/managedFields").iter();
    let others = entries.filter(|entry| entry["manager"] != OURS);
    let having = others.filter(|entry| {
        let fields = Fields::of(&entry["fieldsV1"]);
        fields.is_some_and(|fields| has(fields, &live.0, &path.0))
    });
    having.map(told).max_by_key(|owner| owner.time)
}

/// What an entry of `managedFields` says of its manager.
#[must_use]
pub fn told(entry: &Value) -> FieldOwner {
    let text = |name: &str| entry[name].as_str();
    FieldOwner {
        manager: text("manager").unwrap_or("unknown").to_owned(),
        part: text("subresource").map(str::to_owned),
        time: text("time").and_then(|time| Timestamp::parse(time).ok()),
    }
}

/// Whether the tree has the field at this place, itself or as a part of a whole.
fn has(fields: Fields<'_>, value: &Value, path: &[Segment]) -> bool {
    let Some((segment, rest)) = path.split_first() else {
        return true;
    };
    let below = match segment {
        Segment::Field(name) => fields.field(name).map(|below| (below, &value[name])),
        Segment::Element(_) | Segment::Index(_) => element(value, segment).and_then(|item| {
            let place = value.as_array()?.iter().position(|it| it == item)?;
            Some((fields.element(item, place)?, item))
        }),
    };
    below.is_some_and(|(fields, value)| fields.is_leaf() || has(fields, value, rest))
}
