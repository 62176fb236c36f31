//! The schema of a database: which migrations it has, and applying one.

use async_trait::async_trait;

use super::{LiveFacts, Location};
use crate::clock::Timestamp;
use crate::failure::Result;
use crate::guard::Permit;
use crate::migrate::{Migration, Statement};
use crate::names::LineageId;

/// A migration that a database says it has.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Applied {
    /// Its number.
    pub version: i64,
    /// Its name.
    pub description: String,
    /// The SHA-384 of the file that was applied, as hexadecimal digits.
    pub checksum: String,
    /// When.
    pub installed_on: Timestamp,
}

/// Reads and changes schemas, on sqlx's table `_sqlx_migrations` and with its checksums.
#[async_trait]
pub trait Schema: Send + Sync {
    /// The migrations that the database has, by number. Changes nothing: a database without the table has
    /// none.
    async fn applied(&self, location: &Location) -> Result<Vec<Applied>>;

    /// What the live database tells about some tables; those that do not exist are left out. Changes nothing.
    async fn facts(&self, location: &Location, tables: &[String]) -> Result<LiveFacts>;

    /// Applies one migration in a transaction and notes it, both or neither.
    async fn apply(
        &self,
        permit: &Permit<'_>,
        location: &Location,
        migration: &Migration,
    ) -> Result<()>;

    /// Whether the catalogue shows that a statement outside a transaction took effect. Changes nothing.
    async fn took_effect(&self, location: &Location, statement: &Statement) -> Result<bool>;

    /// Runs one statement outside a transaction; what a dead run left of it is cleared away first.
    async fn run_statement(
        &self,
        permit: &Permit<'_>,
        location: &Location,
        migration: &Migration,
        statement: &Statement,
    ) -> Result<()>;

    /// Notes a migration all of whose statements ran.
    async fn note(
        &self,
        permit: &Permit<'_>,
        location: &Location,
        migration: &Migration,
    ) -> Result<()>;

    /// Takes one migration back and its note away, both or neither.
    async fn revert(
        &self,
        permit: &Permit<'_>,
        location: &Location,
        migration: &Migration,
    ) -> Result<()>;
}

/// A database that was made for an environment.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Provisioned {
    /// Where the application connects.
    pub application: Location,
    /// Where its administrator connects.
    pub administrator: Location,
}

/// Makes the empty database of an environment, and ends one that served its time.
#[async_trait]
pub trait Provision: Send + Sync {
    /// Makes it, or finds what an earlier run or the infrastructure made. Idempotent.
    async fn create(&self, permit: &Permit<'_>, lineage: LineageId) -> Result<Provisioned>;

    /// The database that the environment's infrastructure holds, where something else than opsctl made it.
    async fn standing(&self) -> Result<Option<Provisioned>> {
        Ok(None)
    }

    /// Ends the database of a lineage and removes its files, those of the copy that it was restored as
    /// included; its backups and their log stay. Idempotent. Whether it may go is the caller's to know.
    async fn remove(&self, permit: &Permit<'_>, lineage: LineageId) -> Result<()>;
}
