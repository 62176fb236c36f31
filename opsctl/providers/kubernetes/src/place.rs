//! Where the API server keeps objects: paths, with every name in them made harmless.

use opsctl_core::workloads::{ObjectKind, ObjectRef};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// What may stand in a path or a query as it is.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// A kind as this server keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The kind.
    pub kind: ObjectKind,
    /// Its name in paths: `deployments`.
    pub plural: String,
    /// Whether its objects live in namespaces.
    pub namespaced: bool,
}

impl Place {
    /// The path of all objects of it, of one namespace or of all.
    pub fn collection(&self, namespace: Option<&str>) -> String {
        let version = version(&self.kind.api_version);
        match namespace.filter(|_| self.namespaced) {
            Some(namespace) => format!("{version}/namespaces/{}/{}", plain(namespace), self.plural),
            None => format!("{version}/{}", self.plural),
        }
    }

    /// The path of one object.
    ///
    /// # Errors
    /// Why there can't be such an object.
    pub fn object(&self, object: &ObjectRef) -> Result<String, String> {
        let namespace = object.namespace.as_deref();
        if self.namespaced && namespace.is_none() {
            return Err(format!("a {} has to name its namespace", self.kind));
        }
        for name in namespace.into_iter().chain([object.name.as_str()]) {
            if matches!(name, "" | "." | "..") || name.contains(['/', '%']) {
                return Err(format!("'{name}' can't be a name"));
            }
        }
        let collection = self.collection(namespace);
        Ok(format!("{collection}/{}", plain(&object.name)))
    }

    /// The group of the API that it is of; the first group has no name.
    pub fn group(&self) -> &str {
        let version = &self.kind.api_version;
        version.split_once('/').map_or("", |(group, _)| group)
    }
}

/// The path of a version of a group.
pub fn version(api_version: &str) -> String {
    let parts: Vec<_> = api_version.split('/').map(plain).collect();
    match parts.as_slice() {
        [core] => format!("/api/{core}"),
        _ => format!("/apis/{}", parts.join("/")),
    }
}

/// As a part of a path or a query.
pub fn plain(name: &str) -> String {
    utf8_percent_encode(name, PLAIN).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(api_version: &str, plural: &str, namespaced: bool) -> Place {
        Place {
            kind: ObjectKind::new(api_version, "Kind"),
            plural: plural.into(),
            namespaced,
        }
    }

    fn named(namespace: Option<&str>, name: &str) -> ObjectRef {
        ObjectRef {
            kind: ObjectKind::new("v1", "Kind"),
            namespace: namespace.map(str::to_owned),
            name: name.into(),
        }
    }

    #[test]
    fn each_object_has_its_path() {
        let deployments = place("apps/v1", "deployments", true);
        assert_eq!(deployments.collection(None), "/apis/apps/v1/deployments");
        assert_eq!(
            deployments.object(&named(Some("shop"), "api")).as_deref(),
            Ok("/apis/apps/v1/namespaces/shop/deployments/api")
        );
        let roles = place("rbac.authorization.k8s.io/v1", "clusterroles", false);
        assert_eq!(
            roles.object(&named(None, "system:node")).as_deref(),
            Ok("/apis/rbac.authorization.k8s.io/v1/clusterroles/system%3Anode")
        );
        assert_eq!(
            place("v1", "nodes", false).collection(None),
            "/api/v1/nodes"
        );
    }

    #[test]
    fn no_name_leads_elsewhere() {
        let secrets = place("v1", "secrets", true);
        for name in ["", ".", "..", "a/b", "%2e%2e"] {
            assert!(
                secrets.object(&named(Some("shop"), name)).is_err(),
                "{name}"
            );
            assert!(secrets.object(&named(Some(name), "key")).is_err(), "{name}");
        }
        assert!(secrets.object(&named(None, "key")).is_err());
        assert_eq!(
            secrets.object(&named(Some("shop"), "🔑?x=1#")).as_deref(),
            Ok("/api/v1/namespaces/shop/secrets/%F0%9F%94%91%3Fx%3D1%23")
        );
    }
}
