//! What drills have in the cluster abroad, noted in the state before it is made: found again without asking that cluster, and cleared away
//! by whatever runs when it is past its end.

use super::namespace;
use crate::clock::Timestamp;
use crate::engine::Progress;
use crate::failure::Result;
use crate::guard::Permit;
use crate::names::OperationId;
use crate::ports::World;
use crate::restore::is_open;
use crate::state::{Key, StateStore, StoreError, decode, encode};

/// A namespace that a drill made, or was about to.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Leftover {
    /// The drill.
    pub operation: OperationId,
    /// Its namespace.
    pub namespace: String,
    /// When nobody needs it any more.
    pub expires_at: Timestamp,
}

fn folder() -> Key {
    Key::of(&["abroad"])
}

fn of(operation: &OperationId) -> Key {
    folder().join(&format!("{operation}.json"))
}

/// Notes it. The same again changes nothing.
pub async fn note(store: &dyn StateStore, left: &Leftover) -> Result<()> {
    match store.create(&of(&left.operation), &encode(left)?).await {
        Ok(()) | Err(StoreError::Conflict(_)) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// Whether a drill noted something.
pub async fn is_noted(store: &dyn StateStore, operation: &OperationId) -> Result<bool> {
    Ok(store.read(&of(operation)).await?.is_some())
}

/// It is gone.
pub async fn forget(store: &dyn StateStore, operation: &OperationId) -> Result<()> {
    Ok(store.delete(&of(operation)).await?)
}

/// What is past its end, of drills that nobody goes on with.
///
/// # Errors
/// When the state can't be read.
pub async fn expired(world: &World) -> Result<Vec<Leftover>> {
    let (store, now) = (world.store.as_ref(), world.clock.now());
    let mut past = Vec::new();
    for key in store.list(&folder()).await? {
        let Some(bytes) = store.read(&key).await? else {
            continue;
        };
        let left: Leftover = decode(&key, &bytes)?;
        if left.expires_at < now && !is_open(world, &left.operation).await? {
            past.push(left);
        }
    }
    Ok(past)
}

/// Asks for the end of all that is past its own, and forgets what is gone. What can't be ended is told, and stays noted.
///
/// # Errors
/// Only when the lease is lost, or the state can't be read.
pub async fn reap(
    world: &World,
    permit: &Permit<'_>,
    progress: &Progress<'_>,
) -> Result<Vec<String>> {
    let mut reaped = Vec::new();
    for left in expired(world).await? {
        permit.check()?;
        let name = &left.namespace;
        match end(world, permit, &left).await {
            Ok(()) => reaped.push(left.namespace),
            Err(failure) => {
                progress.warn(format!("the namespace '{name}' abroad stays: {failure}"));
            }
        }
    }
    Ok(reaped)
}

async fn end(world: &World, permit: &Permit<'_>, left: &Leftover) -> Result<()> {
    let cluster = world.abroad()?.cluster().await?;
    let (name, operation) = (&left.namespace, &left.operation);
    // It goes by itself from then on; the next run sees that it is gone, and forgets it.
    let asked = namespace::ask_to_end(cluster.as_ref(), permit, name, operation);
    if !asked.await? {
        forget(world.store.as_ref(), operation).await?;
    }
    Ok(())
}
