//! The simulated databases.

use std::sync::Arc;

use async_trait::async_trait;
use opsctl_core::clock::{Clock, Timestamp};
use opsctl_core::guard::Permit;
use opsctl_core::ports::{Database, DatabaseIdentity, Databases, Location, ProbeRow};
use opsctl_core::{Failure, Result};

use super::{Platform, SimulatedDatabase};

struct Session {
    platform: Platform,
    location: Location,
}

impl Session {
    fn with<T>(&self, work: impl FnOnce(&mut SimulatedDatabase) -> T) -> Result<T> {
        let mut content = self.platform.content();
        let database = content.databases.get_mut(&self.location.url);
        match database.filter(|database| database.answers) {
            Some(database) => Ok(work(database)),
            None => Err(silent(&self.location)),
        }
    }
}

fn silent(location: &Location) -> Failure {
    Failure::failed(format!("nobody answers at {}", location.url))
}

#[async_trait]
impl Databases for Platform {
    async fn open(&self, location: &Location) -> Result<Arc<dyn Database>> {
        let session = Session {
            platform: self.clone(),
            location: location.clone(),
        };
        session.with(|_| ())?;
        Ok(Arc::new(session))
    }
}

#[async_trait]
impl Database for Session {
    fn location(&self) -> &Location {
        &self.location
    }

    async fn identity(&self) -> Result<Option<DatabaseIdentity>> {
        self.with(|database| Some(database.identity.clone()))
    }

    async fn set_identity(&self, permit: &Permit<'_>, identity: &DatabaseIdentity) -> Result<()> {
        permit.check()?;
        self.with(|database| database.identity = identity.clone())
    }

    async fn now(&self) -> Result<Timestamp> {
        Ok(self.platform.clock.now())
    }

    async fn heartbeat(&self) -> Result<Option<Timestamp>> {
        self.with(|database| database.heartbeat)
    }

    async fn schema_version(&self) -> Result<Option<i64>> {
        self.with(|database| database.schema_version)
    }

    async fn size_bytes(&self) -> Result<u64> {
        Ok(4096)
    }

    async fn fence(&self, permit: &Permit<'_>) -> Result<()> {
        permit.check()?;
        self.with(|database| database.fenced = true)
    }

    async fn unfence(&self, permit: &Permit<'_>) -> Result<()> {
        permit.check()?;
        self.with(|database| database.fenced = false)
    }

    async fn try_write(&self) -> Result<Option<String>> {
        self.with(|database| {
            let holds = database.fenced && !database.fence_leaks;
            holds.then(|| "the database is fenced".to_owned())
        })
    }

    async fn foreign_sessions(&self) -> Result<u32> {
        Ok(0)
    }

    async fn probe_row(&self) -> Result<Option<ProbeRow>> {
        self.with(|database| {
            let row = database.tables.get("users")?.values().next()?;
            let text = |at: usize| row.0.get(at).cloned().flatten();
            Some(ProbeRow {
                user_id: text(0)?.parse().ok()?,
                email: text(1)?,
                first_name: None,
                last_name: None,
            })
        })
    }

    async fn close(&self) {}
}
