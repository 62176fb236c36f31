//! An object of Kubernetes as the API server holds it, and its full name.

use std::fmt;

use serde_json::Value;

/// A kind of object: where the API server keeps it.
#[derive(
    Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
)]
pub struct ObjectKind {
    /// `v1`, `apps/v1`.
    pub api_version: String,
    /// `Deployment`.
    pub kind: String,
}

impl ObjectKind {
    /// A kind by its two names.
    #[must_use]
    pub fn new(api_version: &str, kind: &str) -> Self {
        Self {
            api_version: api_version.to_owned(),
            kind: kind.to_owned(),
        }
    }
}

impl fmt::Display for ObjectKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.kind)
    }
}

/// One object by its full name.
#[derive(
    Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
)]
pub struct ObjectRef {
    /// What it is.
    #[serde(flatten)]
    pub kind: ObjectKind,
    /// Where it is; absent for kinds of the whole cluster.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    /// What it is called.
    pub name: String,
}

impl fmt::Display for ObjectRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.namespace {
            Some(namespace) => write!(f, "{} {namespace}/{}", self.kind, self.name),
            None => write!(f, "{} {}", self.kind, self.name),
        }
    }
}

/// A whole object: as it is written, or as the API server holds it.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct Object(pub Value);

impl Object {
    /// Its full name. What is missing is empty: the renderer refuses such an object, the API server never sends one.
    #[must_use]
    pub fn reference(&self) -> ObjectRef {
        ObjectRef {
            kind: ObjectKind::new(self.text("/apiVersion"), self.text("/kind")),
            namespace: self.find("/metadata/namespace").map(str::to_owned),
            name: self.text("/metadata/name").to_owned(),
        }
    }

    /// Its version: another one means that something of it changed, be it its state.
    #[must_use]
    pub fn resource_version(&self) -> &str {
        self.text("/metadata/resourceVersion")
    }

    /// Its id: another one means that it was made anew.
    #[must_use]
    pub fn uid(&self) -> &str {
        self.text("/metadata/uid")
    }

    /// A label's value.
    #[must_use]
    pub fn label(&self, name: &str) -> Option<&str> {
        self.0["metadata"]["labels"][name].as_str()
    }

    /// An annotation's value.
    #[must_use]
    pub fn annotation(&self, name: &str) -> Option<&str> {
        self.0["metadata"]["annotations"][name].as_str()
    }

    /// A text by its JSON pointer; empty when it is not there.
    #[must_use]
    pub fn text(&self, pointer: &str) -> &str {
        self.find(pointer).unwrap_or_default()
    }

    /// A text by its JSON pointer.
    #[must_use]
    pub fn find(&self, pointer: &str) -> Option<&str> {
        self.0.pointer(pointer).and_then(Value::as_str)
    }

    /// A number by its JSON pointer; 0 when it is not there, as the API server leaves it out.
    #[must_use]
    pub fn number(&self, pointer: &str) -> i64 {
        self.0
            .pointer(pointer)
            .and_then(Value::as_i64)
            .unwrap_or_default()
    }

    /// A list by its JSON pointer; empty when it is not there.
    #[must_use]
    pub fn items(&self, pointer: &str) -> &[Value] {
        let found = self.0.pointer(pointer).and_then(Value::as_array);
        found.map_or(&[], Vec::as_slice)
    }

    /// The id of the object that controls this one.
    #[must_use]
    pub fn controller(&self) -> Option<&str> {
        let owners = self.items("/metadata/ownerReferences");
        let controller = owners.iter().find(|owner| owner["controller"] == true)?;
        controller["uid"].as_str()
    }
}
