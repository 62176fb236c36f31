//! Sets a simulated platform up, looks into it and disturbs it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use opsctl_core::clock::{Clock, Timestamp};
use opsctl_core::environment::{Configuration, Environment};
use opsctl_core::names::{EnvironmentName, ScratchName};
use opsctl_core::ports::{
    DatabaseRole, Descriptor, FailoverPorts, Mode, ProcessReport, RestoreWindow, Row, World,
};
use opsctl_core::state::StateStore;

use super::abroad::environment_of;
use super::clock::StillClock;
use super::content::{Content, SimulatedDatabase, SimulatedProcess, descriptor, identity};

const LIVE: &str = "sqlite:/live/app.sqlite3";

/// The environment `local` with everything at its default.
///
/// # Panics
/// Never: the document is fixed.
#[must_use]
pub fn environment() -> Environment {
    let document = serde_json::json!({
        "version": 1,
        "environments": { "local": { "database": { "engine": "sqlite" } } }
    });
    let configuration: Configuration = serde_json::from_value(document).expect("it is valid");
    let local = EnvironmentName::new("local").expect("it is valid");
    configuration.environment(&local).expect("it is there")
}

/// A platform with one live database that one process serves. Cheap to clone; clones are the same one.
#[derive(Debug, Clone)]
pub struct Platform {
    content: Arc<Mutex<Content>>,
    /// Its clock.
    pub clock: StillClock,
}

impl Default for Platform {
    fn default() -> Self {
        Self::new()
    }
}

impl Platform {
    /// A platform at noon, with an empty live database.
    ///
    /// # Panics
    /// Never: the time is fixed.
    #[must_use]
    pub fn new() -> Self {
        let noon = Timestamp::parse("2026-11-23T12:00:00Z").expect("it is valid");
        let identity = identity();
        let mut content = Content {
            descriptor: Some(descriptor(LIVE, &identity)),
            ..Content::default()
        };
        let database = SimulatedDatabase::empty(identity);
        content.databases.insert(LIVE.into(), database);
        let platform = Self {
            content: Arc::new(Mutex::new(content)),
            clock: StillClock::at(noon),
        };
        platform.start_process(Obedience::Obeys);
        platform
    }

    pub(super) fn content(&self) -> MutexGuard<'_, Content> {
        self.content.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The world of an operation, over `store`.
    #[must_use]
    pub fn world(&self, store: &Arc<dyn StateStore>) -> World {
        World {
            environment: Arc::new(environment_of(self)),
            store: Arc::clone(store),
            clock: Arc::new(self.clock.clone()),
            pointer: Arc::new(self.clone()),
            databases: Arc::new(self.clone()),
            backups: Arc::new(self.clone()),
            exports: Some(self.exports()),
            copies: Arc::new(self.clone()),
            rows: Arc::new(self.clone()),
            application: Arc::new(self.clone()),
            keys: Arc::new(self.clone()),
            inspector: Arc::new(self.clone()),
            saboteur: Arc::new(self.clone()),
            schema: Arc::new(self.clone()),
            provision: Arc::new(self.clone()),
            seeder: Arc::new(self.clone()),
            cluster: None,
            pod_metrics: None,
            pod_secrets: None,
            away: self.away_ports(),
            registry: Arc::new(self.clone()),
            secrets: None,
            sizes: None,
            failover: Some(FailoverPorts {
                prober: Arc::new(self.clone()),
                replicas: Arc::new(self.clone()),
                standby: Some(Arc::new(self.clone())),
                cache: Some(self.cache_ports()),
            }),
        }
    }

    /// Starts another process; one that does not obey never acknowledges anything.
    pub fn start_process(&self, obedience: Obedience) {
        let mut content = self.content();
        let Some(descriptor) = content.descriptor.clone() else {
            return;
        };
        let pid = u32::try_from(content.processes.len()).unwrap_or(u32::MAX);
        content.processes.push(SimulatedProcess {
            report: ProcessReport {
                process_id: uuid::Uuid::new_v4(),
                pid: 1000 + pid,
                role: "all".into(),
                address: "127.0.0.1:8000".into(),
                started_at: self.clock.now(),
                generation: descriptor.generation,
                lineage_id: descriptor.lineage_id,
                mode: descriptor.mode,
                app_schema: 6,
                secrets_revision: None,
                token_lifetime_seconds: Some(3600),
            },
            obeys: obedience == Obedience::Obeys,
        });
    }

    /// Ends every process.
    pub fn stop_processes(&self) {
        self.content().processes.clear();
    }

    /// What the application is told.
    ///
    /// # Panics
    /// When a test took it away.
    #[must_use]
    pub fn descriptor(&self) -> Descriptor {
        self.content().descriptor.clone().expect("it was set up")
    }

    /// Takes the descriptor away: an environment that was never set up.
    pub fn forget_descriptor(&self) {
        self.content().descriptor = None;
    }

    /// Changes what the application is told, as somebody outside might.
    pub fn change_descriptor(&self, change: impl FnOnce(&mut Descriptor)) {
        if let Some(descriptor) = &mut self.content().descriptor {
            change(descriptor);
        }
    }

    /// The database that the descriptor names.
    ///
    /// # Panics
    /// When there is none: an application would find nothing there.
    #[must_use]
    pub fn live(&self) -> SimulatedDatabase {
        let url = self.descriptor().location.url;
        self.database(&url).expect("the descriptor names one")
    }

    /// The database at an address.
    #[must_use]
    pub fn database(&self, url: &str) -> Option<SimulatedDatabase> {
        self.content().databases.get(url).cloned()
    }

    /// Changes the database at an address, as somebody outside might.
    pub fn change(&self, url: &str, change: impl FnOnce(&mut SimulatedDatabase)) {
        if let Some(database) = self.content().databases.get_mut(url) {
            change(database);
        }
    }

    /// All databases, by address.
    #[must_use]
    pub fn databases(&self) -> Vec<(String, SimulatedDatabase)> {
        let content = self.content();
        let all = content.databases.iter();
        all.map(|(url, database)| (url.clone(), database.clone()))
            .collect()
    }

    /// The copies that are there, adopted or not.
    #[must_use]
    pub fn copies(&self) -> Vec<ScratchName> {
        self.content().copies.keys().cloned().collect()
    }

    /// Writes a row as the application would; the refusal's words when it is refused.
    ///
    /// # Errors
    /// When the mode, the role or the fence stand in the way.
    pub fn write(&self, table: &str, values: &[&str]) -> Result<(), &'static str> {
        let mut content = self.content();
        content.obey();
        let Some(descriptor) = content.descriptor.clone() else {
            return Err("no database");
        };
        if descriptor.mode != Mode::Normal {
            return Err("read-only");
        }
        let database = content
            .databases
            .get_mut(&descriptor.location.url)
            .ok_or("no such database")?;
        if database.identity.role != DatabaseRole::Primary
            || database.identity.lineage_id != descriptor.lineage_id
        {
            return Err("another database");
        }
        if database.fenced {
            return Err("fenced");
        }
        let row = Row(values.iter().map(|value| Some((*value).into())).collect());
        let rows = database.tables.get_mut(table).ok_or("no such table")?;
        rows.insert(values[0].to_owned(), row);
        database.heartbeat = Some(self.clock.now());
        Ok(())
    }

    /// Deletes a row and what goes with it, as the application would.
    pub fn delete_user(&self, id: &str) {
        let url = self.descriptor().location.url;
        self.change(&url, |database| {
            let is = |row: &Row, at: usize, value: &str| {
                row.0.get(at).cloned().flatten().as_deref() == Some(value)
            };
            let mut gone = Vec::new();
            if let Some(posts) = database.tables.get_mut("posts") {
                gone.extend(
                    posts
                        .iter()
                        .filter(|(_, row)| is(row, 1, id))
                        .map(|(k, _)| k.clone()),
                );
                posts.retain(|_, row| !is(row, 1, id));
            }
            if let Some(comments) = database.tables.get_mut("comments") {
                comments.retain(|_, row| !gone.iter().any(|post| is(row, 1, post)));
            }
            if let Some(users) = database.tables.get_mut("users") {
                users.remove(id);
            }
        });
    }

    /// Gives the platform a window for points in time.
    pub fn open_window(&self, window: RestoreWindow) {
        self.content().window = Some(window);
    }
}

/// Whether a process does what the descriptor says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Obedience {
    /// It does.
    Obeys,
    /// It hangs.
    Hangs,
}
