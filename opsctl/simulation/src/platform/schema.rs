//! Simulated schemas: a database has every migration up to its version.

use async_trait::async_trait;
use opsctl_core::guard::Permit;
use opsctl_core::migrate::{Migration, Statement, of};
use opsctl_core::names::LineageId;
use opsctl_core::ports::{
    Applied, Engine, LiveFacts, Location, Provision, Provisioned, Row, Schema, Seeder,
};
use opsctl_core::seed::Batch;
use opsctl_core::{Failure, Result};

use super::Platform;
use super::content::{SimulatedDatabase, Stage, identity};

#[async_trait]
impl Schema for Platform {
    async fn applied(&self, location: &Location) -> Result<Vec<Applied>> {
        let database = self.database(&location.url).ok_or_else(|| gone(location))?;
        let newest = database.schema_version.unwrap_or(0);
        let has = |migration: &Migration| migration.version <= newest;
        let known = self.content().migrations.clone();
        Ok(known
            .unwrap_or_else(|| of(Engine::Sqlite))
            .into_iter()
            .filter(has)
            .map(|migration| Applied {
                version: migration.version,
                checksum: migration.checksum(),
                description: migration.description,
                installed_on: opsctl_core::clock::Clock::now(&self.clock),
            })
            .collect())
    }

    async fn facts(&self, location: &Location, _: &[String]) -> Result<LiveFacts> {
        self.database(&location.url).ok_or_else(|| gone(location))?;
        Ok(LiveFacts::default())
    }

    async fn apply(&self, permit: &Permit<'_>, at: &Location, what: &Migration) -> Result<()> {
        permit.check()?;
        self.move_schema(at, Some(what.version))
    }

    async fn took_effect(&self, location: &Location, statement: &Statement) -> Result<bool> {
        let database = self.database(&location.url).ok_or_else(|| gone(location))?;
        Ok(database.statements.contains_key(&statement.sql))
    }

    async fn run_statement(
        &self,
        permit: &Permit<'_>,
        at: &Location,
        _: &Migration,
        statement: &Statement,
    ) -> Result<()> {
        permit.check()?;
        let mut content = self.content();
        let database = content.databases.get_mut(&at.url).ok_or_else(|| gone(at))?;
        let ran = database.statements.entry(statement.sql.clone());
        *ran.or_default() += 1;
        Ok(())
    }

    async fn note(&self, permit: &Permit<'_>, at: &Location, what: &Migration) -> Result<()> {
        permit.check()?;
        self.move_schema(at, Some(what.version))
    }

    async fn revert(&self, permit: &Permit<'_>, at: &Location, what: &Migration) -> Result<()> {
        permit.check()?;
        self.move_schema(at, Some(what.version - 1).filter(|version| *version > 0))
    }
}

#[async_trait]
impl Provision for Platform {
    async fn create(&self, permit: &Permit<'_>, lineage: LineageId) -> Result<Provisioned> {
        permit.check()?;
        let url = format!("sqlite:/made/{lineage}/app.sqlite3");
        let mut identity = identity();
        identity.lineage_id = lineage;
        let mut content = self.content();
        content
            .databases
            .entry(url.clone())
            .or_insert_with(|| SimulatedDatabase {
                schema_version: None,
                ..SimulatedDatabase::empty(identity)
            });
        let location = Location {
            engine: Engine::Sqlite,
            url,
            password_file: None,
            password_secret: None,
        };
        Ok(Provisioned {
            application: location.clone(),
            administrator: location,
        })
    }

    async fn remove(&self, permit: &Permit<'_>, lineage: LineageId) -> Result<()> {
        permit.check()?;
        let mut content = self.content();
        content
            .databases
            .retain(|_, database| database.identity.lineage_id != lineage);
        let of_it =
            |stage: &Stage| matches!(stage, Stage::Running(copy) if copy.lineage_id == lineage);
        content.copies.retain(|_, copy| !of_it(&copy.stage));
        Ok(())
    }
}

#[async_trait]
impl Seeder for Platform {
    async fn insert(&self, permit: &Permit<'_>, at: &Location, batch: &Batch) -> Result<()> {
        permit.check()?;
        let mut content = self.content();
        let database = content.databases.get_mut(&at.url).ok_or_else(|| gone(at))?;
        let rows = database
            .tables
            .entry(batch.table.name().to_owned())
            .or_default();
        for row in &batch.rows {
            let key = row.first().cloned().unwrap_or_default();
            rows.entry(key)
                .or_insert_with(|| Row(row.iter().cloned().map(Some).collect()));
        }
        Ok(())
    }
}

impl Platform {
    /// Lets the databases know these migrations instead of SQLite's own.
    pub fn carry(&self, migrations: &[Migration]) {
        self.content().migrations = Some(migrations.to_vec());
    }

    fn move_schema(&self, location: &Location, version: Option<i64>) -> Result<()> {
        let mut content = self.content();
        let database = content
            .databases
            .get_mut(&location.url)
            .ok_or_else(|| gone(location))?;
        database.schema_version = version;
        Ok(())
    }
}

fn gone(location: &Location) -> Failure {
    Failure::failed(format!("there is no database at {}", location.url))
}
