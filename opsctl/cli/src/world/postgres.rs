//! An environment on a PostgreSQL that opsctl runs from the machine's programs.

use std::sync::Arc;

use opsctl_core::environment::DatabaseTarget;
use opsctl_core::ports::{FailoverPorts, Pointer, World};
use opsctl_core::{Failure, Result};
use opsctl_local::keys::KeyFile;
use opsctl_local::pointer::FilePointer;
use opsctl_local::secrets::LocalSecrets;
use opsctl_postgres::cluster::{
    APP_LOGIN, Archiving, Binaries, Layout, Lifetime, LocalPostgres, SearchPlaces,
    restore::Restorer,
};
use opsctl_postgres::databases::PostgresDatabases;
use opsctl_postgres::inspect::PostgresInspector;
use opsctl_postgres::rows::PostgresRows;
use opsctl_postgres::sabotage::PostgresSaboteur;
use opsctl_postgres::schema::{Budget, PostgresSchema};
use opsctl_postgres::seed::PostgresSeeder;
use opsctl_postgres::{
    PostgresBackups, PostgresCopies, PostgresProber, PostgresProvision, PostgresReplicas,
};

use crate::config;
use crate::session::Session;

/// Where PostgreSQL's programs may be.
pub(super) fn places() -> SearchPlaces {
    SearchPlaces {
        named: config::read("PG_BIN").map(Into::into),
        path: config::read("PATH").map(Into::into),
    }
}

/// The PostgreSQL of the session's environment.
///
/// # Errors
/// When the environment has none, or the machine has no PostgreSQL.
pub fn local(session: &Session) -> Result<(LocalPostgres, u16)> {
    let DatabaseTarget::LocalPostgres {
        port,
        archive_timeout,
    } = &session.environment.settings.database
    else {
        let name = &session.environment.name;
        return Err(
            Failure::usage(format!("'{name}' does not run a PostgreSQL of its own"))
                .hint("add --env local-postgres"),
        );
    };
    let own = std::env::current_exe()
        .map_err(|error| Failure::failed("can't tell where opsctl lies").because(error))?;
    let kept = LocalSecrets::below(&session.folder).login()?;
    let (login, password_file) = kept.unwrap_or_else(|| {
        let file = session.folder.join(format!("{APP_LOGIN}.password"));
        (APP_LOGIN.to_owned(), file)
    });
    let local = LocalPostgres {
        layout: Layout::new(session.folder.join("postgres")),
        binaries: Binaries::find(&places())?,
        archiving: Archiving {
            program: vec![
                own.to_string_lossy().into_owned(),
                "wal".into(),
                "archive".into(),
            ],
            timeout: archive_timeout.0,
        },
        login,
        password_file: Some(password_file),
    };
    Ok((local, *port))
}

pub(super) fn of(session: &Session) -> Result<World> {
    let (local, port) = local(session)?;
    let layout = local.layout.clone();
    let way_in = Arc::new(move |descriptor: &opsctl_core::ports::Descriptor| {
        layout.administrator(descriptor.lineage_id)
    });
    let pointer: Arc<dyn Pointer> = Arc::new(FilePointer::new(&session.folder, way_in));
    // A copy outlives the command that made it: `--keep`, and a run that is resumed.
    let restorer = Restorer::new(local.clone(), Lifetime::Detached);
    let budget = Budget::from(&session.environment.settings.migrate);
    Ok(World {
        environment: Arc::clone(&session.environment),
        store: Arc::clone(&session.store),
        clock: Arc::clone(&session.clock),
        backups: Arc::new(PostgresBackups::new(local.clone(), Arc::clone(&pointer))),
        exports: None,
        pointer,
        databases: Arc::new(PostgresDatabases),
        sizes: None,
        failover: Some(FailoverPorts {
            prober: Arc::new(PostgresProber::default()),
            replicas: Arc::new(PostgresReplicas::new(restorer.clone())),
            standby: None,
            cache: None,
        }),
        copies: Arc::new(PostgresCopies::new(
            restorer.clone(),
            Arc::clone(&session.clock),
        )),
        rows: Arc::new(PostgresRows),
        application: super::application(session)?,
        keys: Arc::new(KeyFile::below(&session.folder)),
        inspector: Arc::new(PostgresInspector),
        saboteur: Arc::new(PostgresSaboteur::new(restorer)),
        schema: Arc::new(PostgresSchema::new(budget)),
        provision: Arc::new(PostgresProvision::new(local, port)),
        seeder: Arc::new(PostgresSeeder),
        cluster: None,
        pod_metrics: None,
        pod_secrets: None,
        away: None,
        secrets: None,
        registry: super::registry(&session.loaded.configuration),
    })
}
