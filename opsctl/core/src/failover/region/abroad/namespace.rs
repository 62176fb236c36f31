//! The namespace of a drill: known by the operation that made it, and ended by nobody else than that one, or whoever clears up after it.

use std::time::Duration;

use tokio::time::Instant;

use crate::deploy::OPERATION;
use crate::failure::{Failure, Result};
use crate::guard::Permit;
use crate::names::OperationId;
use crate::ports::Cluster;
use crate::workloads::{Object, ObjectKind, ObjectRef};

/// Pods are given their time to end.
const PATIENCE: Duration = Duration::from_secs(300);
/// Between two looks.
const GLANCE: Duration = Duration::from_millis(250);

fn reference(name: &str) -> ObjectRef {
    ObjectRef {
        kind: ObjectKind::new("v1", "Namespace"),
        namespace: None,
        name: name.to_owned(),
    }
}

/// The namespace, if it is there.
pub async fn find(cluster: &dyn Cluster, name: &str) -> Result<Option<Object>> {
    cluster.get(&reference(name)).await
}

/// The operation that made it.
pub fn owner(namespace: &Object) -> Option<&str> {
    namespace.annotation(OPERATION)
}

/// Whether that operation made it.
pub fn is_of(namespace: &Object, operation: &OperationId) -> bool {
    owner(namespace) == Some(operation.as_str())
}

/// Ends it with all that is in it, and waits until it is gone. What another one made is left alone.
///
/// # Errors
/// When it does not go.
pub async fn end(
    cluster: &dyn Cluster,
    permit: &Permit<'_>,
    name: &str,
    operation: &OperationId,
) -> Result<()> {
    let until = Instant::now() + PATIENCE;
    loop {
        if !ask_to_end(cluster, permit, name, operation).await? {
            return Ok(());
        }
        if Instant::now() >= until {
            let what = format!("the namespace '{name}' does not go");
            return Err(Failure::failed(what)
                .cause("something in it is not let go of")
                .hint(format!("kubectl describe namespace {name}")));
        }
        tokio::time::sleep(GLANCE).await;
    }
}

/// Asks for its end, once; whether it is there still.
///
/// # Errors
/// When the cluster does not answer.
pub async fn ask_to_end(
    cluster: &dyn Cluster,
    permit: &Permit<'_>,
    name: &str,
    operation: &OperationId,
) -> Result<bool> {
    let found = find(cluster, name).await?;
    let Some(found) = found.filter(|found| is_of(found, operation)) else {
        return Ok(false);
    };
    if found.find("/metadata/deletionTimestamp").is_none() {
        permit.check()?;
        cluster
            .delete(permit, &reference(name), found.uid())
            .await?;
    }
    Ok(true)
}
