//! What a simulated platform consists of.

use std::collections::{BTreeMap, BTreeSet};

use opsctl_core::clock::Timestamp;
use opsctl_core::migrate::{self, Migration};
use opsctl_core::names::{BackupId, LineageId, OperationId, ScratchName};
use opsctl_core::ports::{
    BackupRecord, Copy, DatabaseIdentity, DatabaseRole, Descriptor, Effects, Engine, Location,
    Mode, ProcessReport, RecoveryTarget, RestoreWindow, Row,
};

use super::away::SimulatedAway;
use super::{Shelf, SimulatedCache, SimulatedExports, SimulatedStandby};

/// The rows of one table, by key.
pub type Rows = BTreeMap<String, Row>;

/// One database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SimulatedDatabase {
    /// Who it says it is.
    pub identity: DatabaseIdentity,
    /// Its tables: `users(id, email)`, `posts(id, user_id)`, `comments(id, post_id)`.
    pub tables: BTreeMap<String, Rows>,
    /// Whether it refuses the application's writes.
    pub fenced: bool,
    /// Whether it answers at all.
    pub answers: bool,
    /// Whether its fence only pretends.
    pub fence_leaks: bool,
    /// What the engine's own check finds wrong.
    pub faults: Vec<String>,
    /// Its newest heartbeat.
    pub heartbeat: Option<Timestamp>,
    /// Its newest migration.
    pub schema_version: Option<i64>,
    /// Its statements outside a transaction, and how often each ran.
    pub statements: BTreeMap<String, u64>,
    /// What restored rows left in its audit log.
    pub traces: BTreeMap<OperationId, u64>,
    /// The rows of probers; `None` where they have no place.
    pub numbers: Option<BTreeMap<OperationId, BTreeSet<u64>>>,
}

impl SimulatedDatabase {
    /// An empty database of that identity.
    #[must_use]
    pub fn empty(identity: DatabaseIdentity) -> Self {
        let tables = ["users", "posts", "comments"];
        Self {
            identity,
            tables: tables.map(|name| (name.to_owned(), Rows::new())).into(),
            fenced: false,
            answers: true,
            fence_leaks: false,
            faults: Vec::new(),
            heartbeat: None,
            schema_version: migrate::newest(Engine::Sqlite),
            statements: BTreeMap::new(),
            traces: BTreeMap::new(),
            numbers: None,
        }
    }

    /// All keys of a table.
    #[must_use]
    pub fn keys(&self, table: &str) -> Vec<String> {
        self.tables
            .get(table)
            .map(|rows| rows.keys().cloned().collect())
            .unwrap_or_default()
    }
}

/// How far a copy got.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Stage {
    Fetched,
    Running(Copy),
}

#[derive(Debug, Clone)]
pub(super) struct SimulatedCopy {
    pub stage: Stage,
    pub target: Option<RecoveryTarget>,
    /// What a replica follows.
    pub follows: Option<LineageId>,
    pub owner: OperationId,
    pub expires_at: Timestamp,
    pub adopted: bool,
}

#[derive(Debug, Clone)]
pub(super) struct SimulatedProcess {
    pub report: ProcessReport,
    pub obeys: bool,
}

#[derive(Debug, Default)]
pub(super) struct Content {
    pub descriptor: Option<Descriptor>,
    pub databases: BTreeMap<String, SimulatedDatabase>,
    pub backups: Vec<(BackupRecord, SimulatedDatabase)>,
    /// The copies in the second place, once there is one.
    pub away: Option<SimulatedAway>,
    pub damaged: BTreeSet<BackupId>,
    pub window: Option<RestoreWindow>,
    pub copies: BTreeMap<ScratchName, SimulatedCopy>,
    pub processes: Vec<SimulatedProcess>,
    /// Whether replicas never get everything.
    pub replicas_stuck: bool,
    /// So many of the newest rows are missing in a replica that is opened.
    pub replicas_lose: usize,
    /// The place for exports.
    pub exports: SimulatedExports,
    /// The cache.
    pub cache: Option<SimulatedCache>,
    /// The standby of the live database.
    pub standby: Option<SimulatedStandby>,
    /// The migrations that databases know; `None` stands for SQLite's own.
    pub migrations: Option<Vec<Migration>>,
    /// What repositories and folders of images hold.
    pub shelves: BTreeMap<String, Shelf>,
}

impl Content {
    /// Lets every obedient process apply what the descriptor says, as far as the database lets it.
    pub fn obey(&mut self) {
        let Some(descriptor) = &self.descriptor else {
            return;
        };
        let right = self
            .databases
            .get(&descriptor.location.url)
            .is_some_and(|database| {
                database.identity.lineage_id == descriptor.lineage_id
                    && database.identity.role == DatabaseRole::Primary
            });
        for process in &mut self.processes {
            let moves = descriptor.lineage_id != process.report.lineage_id;
            if process.obeys && (right || !moves) {
                process.report.generation = descriptor.generation;
                process.report.mode = descriptor.mode;
                process.report.lineage_id = descriptor.lineage_id;
            }
        }
    }
}

pub(super) fn location(url: &str) -> Location {
    Location {
        engine: Engine::Sqlite,
        url: url.to_owned(),
        password_file: None,
        password_secret: None,
    }
}

pub(super) fn identity() -> DatabaseIdentity {
    DatabaseIdentity {
        instance_id: opsctl_core::names::InstanceId(uuid::Uuid::new_v4()),
        lineage_id: opsctl_core::names::LineageId(uuid::Uuid::new_v4()),
        role: DatabaseRole::Primary,
        effects: Effects::Flowing,
        sessions_valid_after: None,
    }
}

pub(super) fn descriptor(url: &str, identity: &DatabaseIdentity) -> Descriptor {
    Descriptor {
        version: Descriptor::VERSION,
        generation: 1,
        location: location(url),
        instance_id: identity.instance_id,
        lineage_id: identity.lineage_id,
        mode: Mode::Normal,
        other: serde_json::Map::new(),
    }
}
