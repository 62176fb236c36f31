//! The port over the simulated cluster.

use async_trait::async_trait;
use futures::StreamExt;
use futures::stream::{self, BoxStream};
use opsctl_core::guard::Permit;
use opsctl_core::ports::{
    Access, Change, Cluster, ClusterIdentity, Listed, LogRequest, PodRequest, Refusal,
    RefusalReason, Scope,
};
use opsctl_core::workloads::{Object, ObjectKind, ObjectRef};
use opsctl_core::{Failure, Result};

use super::{Inner, SimulatedCluster};

type Answer = std::result::Result<Object, Refusal>;

impl Inner {
    fn refused(&self, object: &Object) -> Option<Refusal> {
        let name = object.reference();
        let wanted = object.resource_version();
        let live = self.objects.get(&name);
        let refuse = |reason, message: &str| {
            Some(Refusal {
                object: name.clone(),
                reason,
                message: message.to_owned(),
            })
        };
        if Self::namespaced(&name.kind).is_none() {
            return refuse(
                RefusalReason::UnknownKind,
                "the server has no such resource",
            );
        }
        if !wanted.is_empty() && live.is_none_or(|live| live.resource_version() != wanted) {
            return refuse(RefusalReason::Conflict, "the object has been modified");
        }
        None
    }
}

#[async_trait]
impl Cluster for SimulatedCluster {
    async fn identity(&self) -> Result<ClusterIdentity> {
        self.inner().requests += 1;
        Ok(ClusterIdentity {
            uid: "simulated".into(),
            version: "v1.34.0".into(),
            server: "https://simulated".into(),
        })
    }

    async fn namespaced(&self, kinds: &[ObjectKind]) -> Result<Vec<Option<bool>>> {
        Ok(kinds.iter().map(Inner::namespaced).collect())
    }

    async fn get(&self, object: &ObjectRef) -> Result<Option<Object>> {
        let mut inner = self.inner();
        inner.requests += 1;
        match inner.goes_after {
            Some(0) => return Err(Failure::failed("https://simulated does not answer")),
            Some(left) => inner.goes_after = Some(left - 1),
            None => {}
        }
        Ok(inner.objects.get(object).cloned())
    }

    async fn list(&self, scope: &Scope) -> Result<Listed> {
        let mut inner = self.inner();
        inner.requests += 1;
        let wanted = |name: &ObjectRef| {
            let here = scope.namespace.is_none() || name.namespace == scope.namespace;
            name.kind == scope.kind && here
        };
        let found = inner.objects.iter().filter(|(name, _)| wanted(name));
        Ok(Listed {
            objects: found.map(|(_, object)| object.clone()).collect(),
            resource_version: inner.versions.to_string(),
        })
    }

    async fn preview(&self, objects: &[Object]) -> Result<Vec<Answer>> {
        let mut inner = self.inner();
        inner.requests += objects.len() as u64;
        let answers = objects.iter().map(|object| match inner.refused(object) {
            Some(refusal) => Err(refusal),
            None => Ok(inner.merged(object)),
        });
        Ok(answers.collect())
    }

    async fn apply(&self, _: &Permit<'_>, object: &Object) -> Result<Answer> {
        let mut inner = self.inner();
        inner.requests += 1;
        if let Some(refusal) = inner.refused(object) {
            return Ok(Err(refusal));
        }
        let name = object.reference();
        let mut merged = inner.merged(object);
        let changed = inner
            .objects
            .get(&name)
            .is_none_or(|live| live.0 != merged.0);
        if changed {
            let version = inner.next_version();
            merged.0["metadata"]["resourceVersion"] = version.into();
            inner.changes.push(format!("apply {name}"));
            inner.objects.insert(name.clone(), merged);
            inner.reconcile(&name);
        }
        let live = inner.objects.get(&name).cloned();
        Ok(Ok(live.unwrap_or_else(|| object.clone())))
    }

    async fn delete(&self, _: &Permit<'_>, object: &ObjectRef, uid: &str) -> Result<()> {
        let mut inner = self.inner();
        inner.requests += 1;
        let ours = inner
            .objects
            .get(object)
            .is_some_and(|live| live.uid() == uid);
        if ours {
            inner.objects.remove(object);
            if object.kind.kind == "Namespace" {
                let inside = |name: &ObjectRef| name.namespace.as_ref() == Some(&object.name);
                inner.objects.retain(|name, _| !inside(name));
            }
            inner.changes.push(format!("delete {object}"));
            inner.collect();
        }
        Ok(())
    }

    /// What happens here happens at once: whoever lists afterwards has seen it all.
    async fn watch(&self, _: &Scope, _: &str) -> Result<BoxStream<'static, Change>> {
        self.inner().requests += 1;
        Ok(stream::pending().boxed())
    }

    async fn log(&self, request: &LogRequest) -> Result<Option<String>> {
        self.inner().requests += 1;
        Ok((!request.previous).then(|| format!("log of {}\n", request.pod)))
    }

    async fn denied(&self, _: &[Access]) -> Result<Vec<(Access, String)>> {
        self.inner().requests += 1;
        Ok(Vec::new())
    }

    async fn ask_pod(&self, _: &PodRequest) -> Result<Option<String>> {
        Ok(None)
    }

    fn requests(&self) -> u64 {
        self.inner().requests
    }
}
