//! A cluster whose pods are processes of this machine: who lists them finds them, and who asks one is answered by it.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use futures::stream::BoxStream;
use opsctl_core::guard::Permit;
use opsctl_core::ports::{
    Access, Change, Cluster, ClusterIdentity, Listed, LogRequest, PodRequest, Refusal, Scope,
};
use opsctl_core::workloads::{Object, ObjectKind, ObjectRef};
use opsctl_core::{Failure, Result};
use serde_json::json;

use crate::application::{App, ask};

/// The pods by their names.
#[derive(Clone, Default)]
pub struct Node(Arc<Mutex<Vec<Pod>>>);

struct Pod {
    name: String,
    ids: String,
    metrics: SocketAddr,
}

impl Node {
    /// Runs an application as a pod.
    pub fn runs(&self, name: &str, app: &App) {
        self.0.lock().unwrap().push(Pod {
            name: name.to_owned(),
            ids: app.ids.clone(),
            metrics: app.metrics,
        });
    }
}

fn not_asked<T>() -> Result<T> {
    Err(Failure::failed(
        "nobody needs that to see who uses which secret",
    ))
}

#[async_trait]
impl Cluster for Node {
    async fn list(&self, scope: &Scope) -> Result<Listed> {
        assert_eq!(scope.namespace.as_deref(), Some("platform"));
        let pod = |pod: &Pod| {
            let container = json!({
                "name": "app", "env": [{"name": "SECRETS_MANAGER_IDS", "value": pod.ids}],
                "ports": [{"name": "metrics", "containerPort": pod.metrics.port()}],
            });
            Object(json!({
                "metadata": {"name": pod.name}, "status": {"phase": "Running"},
                "spec": {"containers": [container]},
            }))
        };
        Ok(Listed {
            objects: self.0.lock().unwrap().iter().map(pod).collect(),
            resource_version: "1".into(),
        })
    }

    async fn ask_pod(&self, request: &PodRequest) -> Result<Option<String>> {
        let found = {
            let pods = self.0.lock().unwrap();
            let pod = pods.iter().find(|pod| pod.name == request.pod);
            pod.map(|pod| pod.metrics)
        };
        let Some(address) = found else {
            return Ok(None);
        };
        let path = request.path.clone();
        let asking = tokio::task::spawn_blocking(move || ask(address, "GET", &path, None));
        let answer = tokio::time::timeout(request.within, asking).await;
        Ok(answer
            .ok()
            .and_then(|asked| asked.unwrap())
            .map(|(_, text)| text))
    }

    async fn identity(&self) -> Result<ClusterIdentity> {
        not_asked()
    }

    async fn namespaced(&self, _: &[ObjectKind]) -> Result<Vec<Option<bool>>> {
        not_asked()
    }

    async fn get(&self, _: &ObjectRef) -> Result<Option<Object>> {
        not_asked()
    }

    async fn preview(&self, _: &[Object]) -> Result<Vec<std::result::Result<Object, Refusal>>> {
        not_asked()
    }

    async fn apply(
        &self,
        _: &Permit<'_>,
        _: &Object,
    ) -> Result<std::result::Result<Object, Refusal>> {
        not_asked()
    }

    async fn delete(&self, _: &Permit<'_>, _: &ObjectRef, _: &str) -> Result<()> {
        not_asked()
    }

    async fn watch(&self, _: &Scope, _: &str) -> Result<BoxStream<'static, Change>> {
        not_asked()
    }

    async fn log(&self, _: &LogRequest) -> Result<Option<String>> {
        not_asked()
    }

    async fn denied(&self, _: &[Access]) -> Result<Vec<(Access, String)>> {
        not_asked()
    }

    fn requests(&self) -> u64 {
        0
    }
}
