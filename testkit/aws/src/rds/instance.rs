//! One instance: what it is, on which way, and the servers behind it.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use anyhow::Result;
use testkit::postgres::BaseBackup;
use time::OffsetDateTime;

use super::{
    cluster::Cluster,
    course::{Course, Product},
    ground::Archive,
    refusals,
    relay::Relay,
    settings::Settings,
    state::Id,
};
use crate::{clock::Moment, endpoint::Refusal};

/// In these nothing is served, and only a deletion gets it out.
const TERMINAL: [&str; 6] = [
    "failed",
    "incompatible-network",
    "incompatible-parameters",
    "incompatible-restore",
    "inaccessible-encryption-credentials",
    "restore-error",
];

/// What happens at the end of a state on an instance's way.
pub(super) enum End {
    Nothing,
    /// The server is there: from now on it is served.
    Serve,
    /// A base backup is there.
    BackedUp,
    /// Changed as asked; served on.
    Changed(Box<Change>),
    /// It was restarted, with the parameters of its group.
    Restarted,
    /// It does not follow any more.
    Promoted,
    /// It is gone.
    Removed,
}

/// What a change comes to.
#[derive(Debug, Clone)]
pub(super) struct Change {
    pub settings: Settings,
    pub new_name: Option<String>,
    pub password: Option<String>,
}

/// Whether the parameters in the group are those in force.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Apply {
    InSync,
    PendingReboot,
}

/// A base backup that points in time are reached from.
#[derive(Debug, Clone)]
pub(super) struct Base {
    pub backup: Arc<BaseBackup>,
    /// From this moment on.
    pub ended: Moment,
}

pub(super) struct Instance {
    pub id: Id,
    pub resource_id: String,
    pub created_at: Option<Moment>,
    pub settings: Settings,
    /// What waits for the maintenance window or a reboot.
    pub pending: Option<Change>,
    pub apply: Apply,
    pub tags: BTreeMap<String, String>,
    pub zone: char,
    pub course: Course<End>,
    /// What it is when nothing is on the way.
    pub resting: &'static str,
    pub server: Option<Arc<Mutex<Cluster>>>,
    pub relay: Relay,
    pub follows: Option<Id>,
    pub bases: Vec<Base>,
    pub archive: Option<Arc<Archive>>,
    pub latest_restorable: Option<Moment>,
    /// To be told once: why the work behind a state failed.
    pub trouble: Option<String>,
}

impl Instance {
    pub fn status(&self) -> &'static str {
        self.course.status().unwrap_or(self.resting)
    }

    pub fn is_terminal(&self) -> bool {
        TERMINAL.contains(&self.status())
    }

    /// Refuses whatever needs an instance that nothing happens to.
    pub fn must_be(&self, allowed: &[&str]) -> Result<(), Refusal> {
        match allowed.contains(&self.status()) {
            true => Ok(()),
            false => Err(refusals::wrong_state(&self.id.name, self.status())),
        }
    }

    /// The servers behind it, while they are there.
    pub fn cluster(&self) -> Result<&Arc<Mutex<Cluster>>, Refusal> {
        let server = self.server.as_ref();
        server.ok_or_else(|| refusals::wrong_state(&self.id.name, self.status()))
    }

    /// Leads clients to the server that is the primary now.
    pub fn open(&self) {
        let port = self.server.as_ref().map(|server| locked(server).port());
        self.relay.lead_to(port);
    }

    /// Cuts clients off.
    pub fn close(&self) {
        self.relay.lead_to(None);
    }

    /// The first and the last moment that can be restored to.
    pub fn window(&self) -> Option<(Moment, Moment)> {
        let first = self.bases.first()?.ended;
        Some((first, self.latest_restorable?.max(first)))
    }
}

pub(super) fn locked(server: &Mutex<Cluster>) -> MutexGuard<'_, Cluster> {
    server.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Work that takes a base backup.
pub(super) fn backing_up(
    server: &Arc<Mutex<Cluster>>,
) -> impl FnOnce() -> Result<Product> + Send + use<> {
    let server = Arc::clone(server);
    move || {
        let cluster = locked(&server);
        let began = OffsetDateTime::now_utc();
        let backup = cluster.back_up()?;
        Ok(Product::Backup(backup, [began, OffsetDateTime::now_utc()]))
    }
}

/// Work on the servers that brings nothing new about.
pub(super) fn working(
    server: &Arc<Mutex<Cluster>>,
    work: impl FnOnce(&mut Cluster) -> Result<()> + Send + 'static,
) -> impl FnOnce() -> Result<Product> + Send + 'static {
    let server = Arc::clone(server);
    move || {
        work(&mut locked(&server))?;
        Ok(Product::Nothing)
    }
}
