//! The simulated rows of a prober.

use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;
use opsctl_core::guard::Permit;
use opsctl_core::names::OperationId;
use opsctl_core::ports::{DatabaseRole, Location, Prober, ProberSession, Sent};
use opsctl_core::{Failure, Result};

use super::{Platform, SimulatedDatabase};

impl Platform {
    fn asked<T>(&self, at: &Location, work: impl FnOnce(&mut SimulatedDatabase) -> T) -> Result<T> {
        let mut content = self.content();
        let database = content.databases.get_mut(&at.url);
        match database.filter(|database| database.answers) {
            Some(database) => Ok(work(database)),
            None => Err(Failure::failed(format!("nobody answers at {}", at.url))),
        }
    }
}

#[async_trait]
impl Prober for Platform {
    async fn prepare(&self, permit: &Permit<'_>, administrator: &Location) -> Result<()> {
        permit.check()?;
        self.asked(administrator, |database| {
            database.numbers.get_or_insert_default();
        })
    }

    async fn connect(&self, location: &Location) -> Result<Box<dyn ProberSession>> {
        self.asked(location, |_| ())?;
        Ok(Box::new(Session {
            platform: self.clone(),
            location: location.clone(),
        }))
    }

    async fn kept(
        &self,
        administrator: &Location,
        operation: &OperationId,
    ) -> Result<BTreeSet<u64>> {
        self.asked(administrator, |database| {
            let numbers = database.numbers.clone().unwrap_or_default();
            numbers.get(operation).cloned().unwrap_or_default()
        })
    }

    async fn remove(&self, permit: &Permit<'_>, administrator: &Location) -> Result<()> {
        permit.check()?;
        self.asked(administrator, |database| database.numbers = None)
    }
}

struct Session {
    platform: Platform,
    location: Location,
}

fn keep(database: &mut SimulatedDatabase, operation: &OperationId, number: u64) -> Sent {
    if database.fenced || database.identity.role != DatabaseRole::Primary {
        return Sent::Refused("the database is fenced".into());
    }
    let Some(numbers) = &mut database.numbers else {
        return Sent::Refused("there is no such table".into());
    };
    numbers.entry(operation.clone()).or_default().insert(number);
    Sent::Acknowledged
}

#[async_trait]
impl ProberSession for Session {
    async fn write(&mut self, operation: &OperationId, number: u64) -> Sent {
        let platform = &self.platform;
        let kept = platform.asked(&self.location, |database| keep(database, operation, number));
        kept.unwrap_or_else(|failure| Sent::Unanswered(failure.to_string()))
    }

    async fn read(&mut self, operation: &OperationId) -> Result<Option<u64>> {
        let kept = self.platform.asked(&self.location, |database| {
            let numbers: Option<&BTreeMap<_, BTreeSet<u64>>> = database.numbers.as_ref();
            numbers.map(|all| all.get(operation).and_then(|own| own.last().copied()))
        })?;
        kept.ok_or_else(|| Failure::failed("there is no such table"))
    }
}
