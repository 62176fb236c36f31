//! The secrets of an environment, and who is handed them: processes of this machine, or pods.

use std::sync::Arc;

use opsctl_core::Result;
use opsctl_core::environment::DatabaseTarget;
use opsctl_core::ports::{Engine, Logins, SecretPorts, World};
use opsctl_local::secrets::{LocalDelivery, LocalSecrets, Pods};
use opsctl_postgres::PostgresLogins;

use crate::session::Session;

/// The world for measuring: records alone, by a role that may read no secret.
///
/// # Errors
/// When it can't be told which account is meant.
pub async fn watched(session: &Session) -> Result<World> {
    match &session.environment.settings.database {
        DatabaseTarget::Rds(rds) => super::aws::watched(session, rds),
        _ => of(session).await,
    }
}

/// The session's world with its secrets.
///
/// # Errors
/// When it can't be told which cluster is meant.
pub async fn of(session: &Session) -> Result<World> {
    let settings = &session.environment.settings;
    if let DatabaseTarget::Rds(rds) = &settings.database {
        return super::aws::with_secrets(session, rds).await;
    }
    let handed = settings.workloads.as_ref();
    // Pods that read their secrets themselves are handed none.
    let world = match handed.is_some_and(|workloads| workloads.local_secrets.is_some()) {
        true => session.world_on_kubernetes().await?,
        false => session.world().await?,
    };
    let pods = match (&world.cluster, &world.pod_secrets) {
        (Some(cluster), Some(secrets)) => Some(Pods {
            cluster: Arc::clone(cluster),
            secrets: Arc::clone(secrets),
            namespace: handed.map(|it| it.namespace.clone()).unwrap_or_default(),
        }),
        _ => None,
    };
    let store = LocalSecrets::below(&session.folder);
    let logins: Option<Arc<dyn Logins>> = match settings.database.engine() {
        Engine::Sqlite => None,
        Engine::Postgres => Some(Arc::new(PostgresLogins)),
    };
    let delivery = LocalDelivery {
        secrets: store.clone(),
        pointer: Arc::clone(&world.pointer),
        application: Arc::clone(&world.application),
        pods,
    };
    let secrets = SecretPorts {
        store: Arc::new(store),
        delivery: Arc::new(delivery),
        logins,
        administrator: None,
    };
    Ok(World {
        secrets: Some(secrets),
        ..world
    })
}
