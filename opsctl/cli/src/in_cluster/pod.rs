//! The pod of a run as a watch tells of it: nothing between two looks is missed, also not a pod that ends and is gone at once.

use futures::StreamExt;
use futures::stream::BoxStream;
use opsctl_core::Result;
use opsctl_core::ports::{Change, Cluster, Scope};
use opsctl_core::runner::{Sight, sight};
use opsctl_core::workloads::{Object, ObjectKind};
use opsctl_kubernetes::KubernetesCluster;

/// The pod, and what is told of it next.
pub struct Pod {
    seen: Seen,
    changes: BoxStream<'static, Change>,
}

/// What was told last.
enum Seen {
    Nothing,
    There(Object),
    Gone(Object),
}

/// How a pod ended.
pub enum End {
    /// With this exit code.
    Code(u8),
    /// It was gone before anybody saw it end.
    Unseen,
}

impl Pod {
    /// Follows the pod of a Job from now on.
    pub async fn of(cluster: &KubernetesCluster, namespace: &str, job: &str) -> Result<Self> {
        let scope = Scope {
            kind: ObjectKind::new("v1", "Pod"),
            namespace: Some(namespace.to_owned()),
            labels: Some(format!("batch.kubernetes.io/job-name={job}")),
        };
        let listed = cluster.list(&scope).await?;
        let changes = cluster.watch(&scope, &listed.resource_version).await?;
        let first = listed.objects.into_iter().next();
        let seen = first.map_or(Seen::Nothing, Seen::There);
        Ok(Self { seen, changes })
    }

    /// Its name, once there is one.
    pub fn name(&self) -> Option<&str> {
        self.seen.pod().map(|pod| pod.text("/metadata/name"))
    }

    /// What it tells now; `None` where it has not been seen, or is gone without having ended.
    pub fn sight(&self) -> Option<Sight> {
        match &self.seen {
            Seen::Nothing => None,
            Seen::There(pod) => Some(sight(pod)),
            Seen::Gone(pod) => Some(sight(pod)).filter(|it| matches!(it, Sight::Ended(_))),
        }
    }

    /// Whether it was deleted.
    pub const fn is_gone(&self) -> bool {
        matches!(self.seen, Seen::Gone(_))
    }

    /// Waits until something else is told of it.
    pub async fn changed(&mut self) {
        match self.changes.next().await {
            Some(change) => self.seen.turn(change),
            // A watch ends when it is dropped, and not before.
            None => std::future::pending().await,
        }
    }

    /// Waits for its end.
    pub async fn end(&mut self) -> End {
        loop {
            match self.sight() {
                Some(Sight::Ended(code)) => return End::Code(code),
                _ if self.is_gone() => return End::Unseen,
                _ => self.changed().await,
            }
        }
    }
}

impl Seen {
    const fn pod(&self) -> Option<&Object> {
        match self {
            Self::Nothing => None,
            Self::There(pod) | Self::Gone(pod) => Some(pod),
        }
    }

    fn turn(&mut self, change: Change) {
        let before = std::mem::replace(self, Self::Nothing);
        *self = match (change, before) {
            (Change::Present(pod), _) => Self::There(pod),
            (Change::Gone(pod), _) => Self::Gone(pod),
            (Change::Away(_), before) => before,
            (Change::Again(pods), before) => match (pods.into_iter().next(), before) {
                (Some(pod), _) => Self::There(pod),
                (None, Self::There(pod)) => Self::Gone(pod),
                (None, before) => before,
            },
        };
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn told(changes: Vec<Change>) -> Pod {
        let changes = futures::stream::iter(changes).chain(futures::stream::pending());
        Pod {
            seen: Seen::Nothing,
            changes: changes.boxed(),
        }
    }

    fn pod(state: serde_json::Value) -> Object {
        let status = json!({"containerStatuses": [{"state": state}]});
        Object(json!({"metadata": {"name": "run-x"}, "status": status}))
    }

    fn running() -> Change {
        Change::Present(pod(json!({"running": {}})))
    }

    #[tokio::test]
    async fn a_pod_that_ends_and_is_gone_at_once_has_told_its_code() {
        let ended = pod(json!({"terminated": {"exitCode": 130}}));
        let away = Change::Away("the API server starts again".into());
        let mut seen = told(vec![running(), away, Change::Gone(ended)]);
        assert!(matches!(seen.end().await, End::Code(130)));
        assert_eq!(seen.name(), Some("run-x"));
    }

    #[tokio::test]
    async fn a_pod_that_is_gone_while_it_ran_has_an_end_that_nobody_saw() {
        let gone = Change::Gone(pod(json!({"running": {}})));
        assert!(matches!(
            told(vec![running(), gone]).end().await,
            End::Unseen
        ));
        let missing = Change::Again(Vec::new());
        let mut seen = told(vec![running(), missing]);
        assert!(matches!(seen.end().await, End::Unseen));
    }
}
