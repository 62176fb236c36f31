//! The cluster that an environment has been on since its first deploy.

use crate::failure::Result;
use crate::state::{Key, Register, StateStore, Swapped};

/// The id of the cluster of the first deploy; `None` before it.
///
/// # Errors
/// When the store can't be read.
pub async fn cluster_of(store: &dyn StateStore) -> Result<Option<String>> {
    let (_, uid) = register(store).load().await?;
    Ok(uid)
}

/// Keeps the id, once.
///
/// # Errors
/// When the store can't be written.
pub(super) async fn pin(store: &dyn StateStore, uid: &str) -> Result<()> {
    let register = register(store);
    let (generation, found) = register.load().await?;
    if found.is_none() {
        // Whoever was first was right: the precondition of the plan compares.
        let _first: Swapped = register.swap(generation, &uid.to_owned()).await?;
    }
    Ok(())
}

fn register(store: &dyn StateStore) -> Register<'_, String> {
    Register::at(store, Key::of(&["cluster"]))
}
