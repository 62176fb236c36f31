//! What earlier operations left behind and any later run may settle.

use crate::engine::{JournalView, Progress};
use crate::failover::abroad;
use crate::failure::Result;
use crate::guard::Permit;
use crate::lineage::{LineageRegister, SetAside};
use crate::names::{LineageId, OperationId, ScratchName};
use crate::ports::{DatabaseIdentity, DatabaseRole, World};
use crate::state::Key;

/// What was settled.
#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
pub struct Settled {
    /// Copies that were past their expiry, and are gone.
    pub reaped: Vec<ScratchName>,
    /// Databases that came back after a cut-over without them, and are fenced now.
    pub fenced: Vec<LineageId>,
    /// Namespaces that drills left abroad past their expiry, and are going.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub namespaces: Vec<String>,
}

/// The copies past their expiry whose operation is over, for `doctor` and for [`settle`].
///
/// # Errors
/// When copies or journals can't be read.
pub async fn expired(world: &World) -> Result<Vec<ScratchName>> {
    let now = world.clock.now();
    let mut names = Vec::new();
    for (name, owner, expires_at) in world.copies.list().await? {
        if expires_at < now && !is_open(world, &owner).await? {
            names.push(name);
        }
    }
    Ok(names)
}

/// The databases that were cut off while they did not answer, and may come back unfenced.
///
/// # Errors
/// When the record can't be read.
pub async fn fences_owed(world: &World) -> Result<Vec<SetAside>> {
    let register = LineageRegister::load(world.store.as_ref()).await?;
    Ok(register.fences_owed().into_iter().cloned().collect())
}

/// Reaps expired copies and namespaces, and fences databases that came back. What can't be settled is told, not failed.
///
/// # Errors
/// Only when the lease is lost, or the state store can't be read.
pub async fn settle(
    world: &World,
    permit: &Permit<'_>,
    progress: &Progress<'_>,
) -> Result<Settled> {
    let mut settled = Settled {
        namespaces: abroad::reap(world, permit, progress).await?,
        ..Settled::default()
    };
    for name in expired(world).await? {
        permit.check()?;
        match world.copies.discard(permit, &name).await {
            Ok(()) => settled.reaped.push(name),
            Err(failure) => progress.warn(format!("the expired copy '{name}' stays: {failure}")),
        }
    }
    for aside in fences_owed(world).await? {
        permit.check()?;
        let lineage = aside.lineage_id;
        match fence_for_good(world, permit, &aside).await {
            Ok(()) => {
                let fenced = |register: &mut LineageRegister| register.fenced(lineage);
                LineageRegister::update(world.store.as_ref(), fenced).await?;
                progress.warn(format!(
                    "the database of lineage {lineage} came back; it is fenced now"
                ));
                settled.fenced.push(lineage);
            }
            Err(failure) => progress.warn(format!(
                "the fence on lineage {lineage} is still owed: {failure}"
            )),
        }
    }
    Ok(settled)
}

/// Fences a database that was set aside, and lets it say so itself.
async fn fence_for_good(world: &World, permit: &Permit<'_>, aside: &SetAside) -> Result<()> {
    let database = world.databases.open(&aside.administrator).await?;
    let fenced = async {
        let found = database.identity().await?;
        let Some(found) = found.filter(|found| found.lineage_id == aside.lineage_id) else {
            return Err(crate::Failure::refused(
                "another database answers in its place",
            ));
        };
        let superseded = DatabaseIdentity {
            role: DatabaseRole::Superseded,
            ..found
        };
        database.set_identity(permit, &superseded).await?;
        database.fence(permit).await?;
        super::crossing::prove_fence(database.as_ref()).await
    };
    let answer = fenced.await;
    database.close().await;
    answer.map(|_| ())
}

/// Whether somebody may go on with an operation. An owner that the store knows nothing of has no use for what it made any more.
pub(crate) async fn is_open(world: &World, owner: &OperationId) -> Result<bool> {
    let keys = world.store.list(&Key::journal(owner)).await?;
    if keys.is_empty() {
        return Ok(false);
    }
    Ok(JournalView::read(world.store.as_ref(), owner)
        .await?
        .is_open())
}
