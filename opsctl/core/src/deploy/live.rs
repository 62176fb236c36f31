//! What the cluster holds of the objects that a release is about: one question a kind, not one an object.

use std::collections::{BTreeMap, BTreeSet};

use crate::failure::{Failure, Result};
use crate::ports::{Cluster, Scope};
use crate::workloads::{Object, ObjectKind, ObjectRef};

/// The live objects, by their names.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Live(BTreeMap<ObjectRef, Object>);

impl Live {
    /// Reads every kind of the given objects in its namespaces. A kind that the server does not know has no objects.
    ///
    /// # Errors
    /// When the API server does not answer.
    pub async fn read<'a>(
        cluster: &dyn Cluster,
        objects: impl Iterator<Item = &'a ObjectRef>,
    ) -> Result<Self> {
        let scopes: BTreeSet<(ObjectKind, Option<String>)> = objects
            .map(|object| (object.kind.clone(), object.namespace.clone()))
            .collect();
        let kinds: Vec<ObjectKind> = scopes.iter().map(|(kind, _)| kind.clone()).collect();
        let known = cluster.namespaced(&kinds).await?;
        let mut all = BTreeMap::new();
        for ((kind, namespace), known) in scopes.into_iter().zip(known) {
            if known.is_none() {
                continue;
            }
            let scope = Scope {
                kind: kind.clone(),
                namespace,
                labels: None,
            };
            for mut object in cluster.list(&scope).await?.objects {
                // Elements of a list come without these two.
                object.0["apiVersion"] = kind.api_version.clone().into();
                object.0["kind"] = kind.kind.clone().into();
                all.insert(object.reference(), object);
            }
        }
        Ok(Self(all))
    }

    /// One of them.
    #[must_use]
    pub fn find(&self, object: &ObjectRef) -> Option<&Object> {
        self.0.get(object)
    }
}

/// Gives each object the namespace that it lives in, as the server says of its kind.
///
/// # Errors
/// When an object that lives in namespaces names none.
pub async fn place(cluster: &dyn Cluster, objects: &[Object]) -> Result<()> {
    let names: Vec<ObjectRef> = objects.iter().map(Object::reference).collect();
    let kinds: Vec<ObjectKind> = names.iter().map(|name| name.kind.clone()).collect();
    let known = cluster.namespaced(&kinds).await?;
    let homeless = names
        .iter()
        .zip(known)
        .find(|(name, namespaced)| *namespaced == Some(true) && name.namespace.is_none());
    match homeless {
        None => Ok(()),
        Some((name, _)) => Err(Failure::usage(format!("{name} names no namespace"))
            .left("nothing was changed")
            .hint("set `namespace:` in the overlay's kustomization.yaml")),
    }
}
