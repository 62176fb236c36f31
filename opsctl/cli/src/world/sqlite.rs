//! An environment on SQLite.

use std::sync::Arc;

use opsctl_core::Result;
use opsctl_core::ports::{Pointer, World};
use opsctl_local::keys::KeyFile;
use opsctl_local::pointer::FilePointer;
use opsctl_sqlite::Places;
use opsctl_sqlite::backups::SqliteBackups;
use opsctl_sqlite::copies::SqliteCopies;
use opsctl_sqlite::databases::SqliteDatabases;
use opsctl_sqlite::inspect::SqliteInspector;
use opsctl_sqlite::rows::SqliteRows;
use opsctl_sqlite::sabotage::SqliteSaboteur;
use opsctl_sqlite::schema::{SqliteProvision, SqliteSchema};
use opsctl_sqlite::seed::SqliteSeeder;

use crate::session::Session;

pub(super) fn of(session: &Session) -> Result<World> {
    let places = Places::new(&session.folder);
    let pointer: Arc<dyn Pointer> = Arc::new(FilePointer::to_sqlite(&session.folder));
    let clock = Arc::clone(&session.clock);
    let backups = SqliteBackups::new(places.clone(), Arc::clone(&pointer), Arc::clone(&clock));
    Ok(World {
        environment: Arc::clone(&session.environment),
        store: Arc::clone(&session.store),
        clock,
        pointer,
        databases: Arc::new(SqliteDatabases),
        backups: Arc::new(backups),
        exports: None,
        copies: Arc::new(SqliteCopies::new(places.clone())),
        rows: Arc::new(SqliteRows),
        application: super::application(session)?,
        keys: Arc::new(KeyFile::below(&session.folder)),
        inspector: Arc::new(SqliteInspector),
        saboteur: Arc::new(SqliteSaboteur),
        schema: Arc::new(SqliteSchema),
        provision: Arc::new(SqliteProvision::new(places)),
        seeder: Arc::new(SqliteSeeder),
        cluster: None,
        pod_metrics: None,
        pod_secrets: None,
        away: None,
        secrets: None,
        failover: None,
        sizes: None,
        registry: super::registry(&session.loaded.configuration),
    })
}
