//! A Kubernetes cluster: what opsctl asks of its API server.

use std::fmt;
use std::time::Duration;

use async_trait::async_trait;
use futures::stream::BoxStream;

use crate::failure::Result;
use crate::guard::Permit;
use crate::workloads::{Object, ObjectKind, ObjectRef};

/// Which cluster answers.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct ClusterIdentity {
    /// The id of its namespace `kube-system`: made once with the cluster, never again.
    pub uid: String,
    /// The version of the API server, as `v1.34.4`.
    pub version: String,
    /// Where it is asked.
    pub server: String,
}

/// Why the API server did not take an object.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Refusal {
    /// The object.
    pub object: ObjectRef,
    /// The class of it.
    pub reason: RefusalReason,
    /// The API server's own words, without secrets.
    pub message: String,
}

/// Classes of refusals, by the API server's status (`reason`, else the HTTP code).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefusalReason {
    /// A field is wrong, unknown or immutable (422, 400).
    Invalid,
    /// A field that cannot be changed in place (422 with "field is immutable").
    Immutable,
    /// The kind does not exist on this server (404 of the resource).
    UnknownKind,
    /// Admission said no: quota.
    Quota,
    /// Admission said no: Pod Security.
    PodSecurity,
    /// Admission said no: a webhook, or a policy.
    Admission,
    /// This principal may not (403 of RBAC).
    Forbidden,
    /// The namespace is missing or going away.
    Namespace,
    /// Somebody changed it meanwhile (409).
    Conflict,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.object, self.message)
    }
}

/// Which objects of a kind are meant.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Scope {
    /// The kind.
    pub kind: ObjectKind,
    /// Of which namespace; `None`: a kind of the whole cluster, or all namespaces.
    pub namespace: Option<String>,
    /// A label selector; `None`: all of them.
    pub labels: Option<String>,
}

/// The objects of a scope at one moment.
#[derive(Debug, Clone, PartialEq)]
pub struct Listed {
    /// The objects, with their state and their `managedFields`.
    pub objects: Vec<Object>,
    /// The moment: where a watch goes on from.
    pub resource_version: String,
}

/// What a watch tells.
#[derive(Debug, Clone, PartialEq)]
pub enum Change {
    /// It is there, new or changed.
    Present(Object),
    /// It is gone.
    Gone(Object),
    /// The watch was interrupted (the API server restarted, the moment is too old) and began anew with this list:
    /// what is not in it is gone.
    Again(Vec<Object>),
    /// The API server can't be reached at the moment; the watch tries again by itself. Told once an interruption.
    Away(String),
}

/// What a principal wants to do, for asking beforehand.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Access {
    /// `get`, `list`, `watch`, `patch`, `create`, `delete`.
    pub verb: &'static str,
    /// The kind, or a kind with a part of it (`pods/log`).
    pub kind: ObjectKind,
    /// `log` for the logs of pods; `None` for the object itself.
    pub part: Option<&'static str>,
    /// Where; `None` for the whole cluster.
    pub namespace: Option<String>,
}

/// Which log is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogRequest {
    /// The namespace of the pod.
    pub namespace: String,
    /// The pod.
    pub pod: String,
    /// The container.
    pub container: String,
    /// Of the run before the present one.
    pub previous: bool,
    /// So many lines from its end.
    pub lines: u32,
}

/// A GET through the API server's proxy to one pod: how metrics are read without a door of their own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PodRequest {
    /// The namespace of the pod.
    pub namespace: String,
    /// The pod.
    pub pod: String,
    /// `http` or `https`.
    pub scheme: &'static str,
    /// Its port.
    pub port: u16,
    /// The path, from its slash.
    pub path: String,
    /// How long it may take.
    pub within: Duration,
}

/// The API server. Every answer of it that is no refusal of one object is a [`crate::Failure`]: unreachable (`Failed`),
/// not let in (`Authentication`).
#[async_trait]
pub trait Cluster: Send + Sync {
    /// Which cluster answers. Also the cheapest question there is.
    async fn identity(&self) -> Result<ClusterIdentity>;

    /// Which of the kinds exist on this server, and whether they live in namespaces; by the kinds asked for.
    async fn namespaced(&self, kinds: &[ObjectKind]) -> Result<Vec<Option<bool>>>;

    /// One object, if it is there.
    async fn get(&self, object: &ObjectRef) -> Result<Option<Object>>;

    /// All objects of a scope.
    async fn list(&self, scope: &Scope) -> Result<Listed>;

    /// What the objects would become if they were applied now with force: a server-side dry run of each, answers in the
    /// order of the question.
    async fn preview(
        &self,
        objects: &[Object],
    ) -> Result<Vec<std::result::Result<Object, Refusal>>>;

    /// Server-side apply under the field manager `opsctl`, with force. A `metadata.resourceVersion` in the object is a
    /// precondition.
    async fn apply(
        &self,
        permit: &Permit<'_>,
        object: &Object,
    ) -> Result<std::result::Result<Object, Refusal>>;

    /// Deletes exactly that object (by its uid), with what hangs on it, in the background. It is no error when it is gone.
    async fn delete(&self, permit: &Permit<'_>, object: &ObjectRef, uid: &str) -> Result<()>;

    /// Follows a scope from a moment on; ends when it is dropped.
    async fn watch(&self, scope: &Scope, from: &str) -> Result<BoxStream<'static, Change>>;

    /// A container's log; `None` when there is none (no earlier run, not started yet, pod gone).
    async fn log(&self, request: &LogRequest) -> Result<Option<String>>;

    /// Which of these the present principal may not do, with the server's reason where it gave one.
    async fn denied(&self, wanted: &[Access]) -> Result<Vec<(Access, String)>>;

    /// Asks one pod; `None` when it does not answer.
    async fn ask_pod(&self, request: &PodRequest) -> Result<Option<String>>;

    /// How many requests this value has sent to the API server so far.
    fn requests(&self) -> u64;
}
