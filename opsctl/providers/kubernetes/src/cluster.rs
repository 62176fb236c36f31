//! The port itself: each method finds where a kind is kept, asks, and puts what went wrong in its final form.

use std::sync::Arc;

use async_trait::async_trait;
use futures::stream::BoxStream;
use opsctl_core::guard::Permit;
use opsctl_core::ports::{
    Access, Change, Cluster, ClusterIdentity, Listed, LogRequest, PodRequest, Refusal,
    RefusalReason, Scope,
};
use opsctl_core::workloads::{Object, ObjectKind, ObjectRef};
use opsctl_core::{Failure, Result};
use serde::Deserialize;

use crate::at_once::at_once;
use crate::change::Taken;
use crate::connection::{Connection, Patience};
use crate::kinds::Kinds;
use crate::place::Place;
use crate::question::Question;
use crate::target::Target;
use crate::trouble::Trouble;
use crate::{access, change, pods, read, watch};

/// A Kubernetes cluster by its API server.
pub struct KubernetesCluster {
    pub(crate) connection: Arc<Connection>,
    kinds: Kinds,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Version {
    git_version: String,
}

impl KubernetesCluster {
    /// Makes ready to ask the cluster that is meant. Nothing is sent; a plugin that the kubeconfig names for finding
    /// credentials runs.
    ///
    /// # Errors
    /// When the target is incomplete, or its plugin finds no credentials.
    pub async fn connect(target: &Target, patience: Patience) -> Result<Self> {
        Ok(Self {
            connection: Arc::new(Connection::new(target, patience).await?),
            kinds: Kinds::default(),
        })
    }

    /// Where a kind is kept; a kind that this server does not have fails.
    async fn place(&self, kind: &ObjectKind, doing: &str) -> Result<Place> {
        let found = self.kinds.find(&self.connection, kind).await;
        let found = found.map_err(|trouble| self.failure(trouble, doing.to_owned()))?;
        found.ok_or_else(|| {
            Failure::failed(doing).cause(format!("this server has no {} {kind}", kind.api_version))
        })
    }

    async fn try_out(&self, object: &Object, place: Option<&Place>) -> Result<Taken> {
        let tried = change::preview(&self.connection, place, object).await;
        let tried = tried.map_err(|trouble| {
            self.failure(trouble, format!("can't try out {}", object.reference()))
        })?;
        Ok(self.heeded(tried))
    }

    /// A kind that was there and is no more is looked for anew.
    fn heeded(&self, taken: Taken) -> Taken {
        if let Err(refusal) = &taken
            && refusal.reason == RefusalReason::UnknownKind
        {
            self.kinds.forget(&refusal.object.kind);
        }
        taken
    }

    fn failure(&self, trouble: Trouble, doing: String) -> Failure {
        let failure = self.connection.credentials().failure(trouble);
        failure.in_context(doing)
    }
}

#[async_trait]
impl Cluster for KubernetesCluster {
    async fn identity(&self) -> Result<ClusterIdentity> {
        let namespace = Question::get("/api/v1/namespaces/kube-system");
        let version = Question::get("/version");
        let both = futures::future::try_join(
            self.connection.read(&namespace),
            self.connection.read::<Version>(&version),
        );
        let both = both.await;
        let (namespace, version) = both
            .map_err(|trouble| self.failure(trouble, "can't tell which cluster this is".into()))?;
        Ok(ClusterIdentity {
            uid: Object(namespace).uid().to_owned(),
            version: version.git_version,
            server: self.connection.credentials().server().to_owned(),
        })
    }

    async fn namespaced(&self, kinds: &[ObjectKind]) -> Result<Vec<Option<bool>>> {
        let named: Vec<_> = kinds.iter().collect();
        let places = self.kinds.find_all(&self.connection, &named).await;
        let places = places
            .map_err(|trouble| self.failure(trouble, "can't tell which kinds there are".into()))?;
        let known = |kind| places.get(kind).map(|place: &Place| place.namespaced);
        Ok(kinds.iter().map(known).collect())
    }

    async fn get(&self, object: &ObjectRef) -> Result<Option<Object>> {
        let got = async {
            match self.kinds.find(&self.connection, &object.kind).await? {
                Some(place) => read::get(&self.connection, &place, object).await,
                None => Ok(None),
            }
        };
        let got = got.await;
        got.map_err(|trouble| self.failure(trouble, format!("can't read {object}")))
    }

    async fn list(&self, scope: &Scope) -> Result<Listed> {
        let doing = format!("can't list {}", told(scope));
        let place = self.place(&scope.kind, &doing).await?;
        let listed = read::list(&self.connection, &place, scope, |question| question).await;
        listed.map_err(|trouble| self.failure(trouble, doing))
    }

    async fn preview(
        &self,
        objects: &[Object],
    ) -> Result<Vec<std::result::Result<Object, Refusal>>> {
        let kinds: Vec<_> = objects.iter().map(|it| it.reference().kind).collect();
        let named: Vec<_> = kinds.iter().collect();
        let places = self.kinds.find_all(&self.connection, &named).await;
        let places = places.map_err(|trouble| {
            self.failure(trouble, "can't try out what is to be applied".into())
        })?;
        let tried = objects
            .iter()
            .zip(&kinds)
            .map(|(object, kind)| self.try_out(object, places.get(kind)));
        at_once(tried.collect()).await
    }

    async fn apply(
        &self,
        permit: &Permit<'_>,
        object: &Object,
    ) -> Result<std::result::Result<Object, Refusal>> {
        let reference = object.reference();
        let applied = async {
            let place = self.kinds.find(&self.connection, &reference.kind).await?;
            change::apply(&self.connection, place.as_ref(), object, permit).await
        };
        let applied = applied.await;
        let applied =
            applied.map_err(|trouble| self.failure(trouble, format!("can't apply {reference}")))?;
        Ok(self.heeded(applied))
    }

    async fn delete(&self, permit: &Permit<'_>, object: &ObjectRef, uid: &str) -> Result<()> {
        let deleted = async {
            match self.kinds.find(&self.connection, &object.kind).await? {
                Some(place) => change::delete(&self.connection, &place, object, uid, permit).await,
                None => Ok(()),
            }
        };
        let deleted = deleted.await;
        deleted.map_err(|trouble| self.failure(trouble, format!("can't delete {object}")))
    }

    async fn watch(&self, scope: &Scope, from: &str) -> Result<BoxStream<'static, Change>> {
        let doing = format!("can't watch {}", told(scope));
        let place = self.place(&scope.kind, &doing).await?;
        let connection = Arc::clone(&self.connection);
        let changes = watch::follow(connection, place, scope.clone(), from).await;
        changes.map_err(|trouble| self.failure(trouble, doing))
    }

    async fn log(&self, request: &LogRequest) -> Result<Option<String>> {
        let log = pods::log(&self.connection, request).await;
        log.map_err(|trouble| {
            let doing = format!(
                "can't read the log of {}/{}, container {}",
                request.namespace, request.pod, request.container
            );
            self.failure(trouble, doing)
        })
    }

    async fn denied(&self, wanted: &[Access]) -> Result<Vec<(Access, String)>> {
        let denied = access::denied(&self.connection, &self.kinds, wanted).await;
        denied.map_err(|trouble| self.failure(trouble, "can't tell what we may do".into()))
    }

    async fn ask_pod(&self, request: &PodRequest) -> Result<Option<String>> {
        let answer = pods::ask(&self.connection, request).await;
        answer.map_err(|trouble| {
            let doing = format!("can't ask the pod {}/{}", request.namespace, request.pod);
            self.failure(trouble, doing)
        })
    }

    fn requests(&self) -> u64 {
        self.connection.sent()
    }
}

fn told(scope: &Scope) -> String {
    match &scope.namespace {
        Some(namespace) => format!("each {} in {namespace}", scope.kind),
        None => format!("each {}", scope.kind),
    }
}
