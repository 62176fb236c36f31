//! What brings database, descriptor and record to agree: an adoption, or what an adoption would refuse in favour of.

use super::examination::command;
use crate::ports::{DatabaseRole, Descriptor, World};

/// The cure where a database of that role is the one that answers.
pub(super) fn cure(world: &World, role: DatabaseRole) -> String {
    match role {
        DatabaseRole::Primary => command(world, "env adopt --reason \"<why>\""),
        DatabaseRole::Scratch => command(world, "restore --cut-over"),
        DatabaseRole::Superseded => command(world, "restore undo"),
    }
}

/// The cure for a descriptor that disagrees with the record: it depends on who answers there.
pub(super) async fn cure_at(world: &World, descriptor: &Descriptor) -> String {
    match role(world, descriptor).await {
        Some(role) => cure(world, role),
        // An adoption takes the word of the database: one that is silent can't be adopted.
        None => "runbooks/restore.md".into(),
    }
}

async fn role(world: &World, descriptor: &Descriptor) -> Option<DatabaseRole> {
    let location = world.pointer.administrator(descriptor).await.ok()?;
    let database = world.databases.open(&location).await.ok()?;
    let identity = database.identity().await;
    database.close().await;
    // One that was never told who it is may be adopted.
    let role = |found: crate::ports::DatabaseIdentity| found.role;
    Some(identity.ok()?.map_or(DatabaseRole::Primary, role))
}
