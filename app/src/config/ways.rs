//! The ways in and out: to the database, to its replica, and how clients come in.

use std::path::PathBuf;
use std::time::Duration;

use super::variables::Variables;
use super::{ConfigError, Environment, Role, Secret, Strictness, registry};

/// Where the process learns which database it uses.
#[derive(Debug, Clone)]
pub enum DatabaseSource {
    /// A file that opsctl writes and this process watches.
    Descriptor(PathBuf),
    /// A connection string; its credentials are picked up while running.
    Url(Secret),
}

/// What the service proves its name with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlsFiles {
    pub certificate: PathBuf,
    pub key: PathBuf,
}

/// Where a replica is, and how far it may be behind.
#[derive(Debug, Clone)]
pub struct ReplicaSettings {
    pub url: Secret,
    pub lag: Duration,
}

/// The probe listens on loopback alone, where nobody is between.
pub(super) fn tls(
    variables: &Variables<'_>,
    environment: Environment,
    role: Role,
) -> Option<TlsFiles> {
    let (certificate, key) = (registry::APP_TLS_CERTIFICATE, registry::APP_TLS_KEY);
    match (variables.text(certificate), variables.text(key)) {
        (Some(certificate), Some(key)) => Some(TlsFiles {
            certificate: certificate.into(),
            key: key.into(),
        }),
        (None, None) => {
            if environment.strictness() == Strictness::Guarded && role != Role::Probe {
                let environment = environment.as_str();
                variables.find(ConfigError::ServesPlaintext { environment });
            }
            None
        }
        (Some(_), None) => {
            variables.find(ConfigError::Missing { name: key });
            None
        }
        (None, Some(_)) => {
            variables.find(ConfigError::Missing { name: certificate });
            None
        }
    }
}

pub(super) fn database(variables: &Variables<'_>) -> DatabaseSource {
    if let Some(path) = variables.text(registry::DATABASE_DESCRIPTOR) {
        return DatabaseSource::Descriptor(path.into());
    }
    let url = variables.secret(registry::DATABASE_URL);
    DatabaseSource::Url(url.unwrap_or_else(|| {
        variables.find(ConfigError::NoDatabase);
        Secret::new("")
    }))
}

pub(super) fn replica(variables: &Variables<'_>) -> Option<ReplicaSettings> {
    let url = variables.secret(registry::DATABASE_REPLICA_URL)?;
    let lag = variables.seconds(registry::DATABASE_REPLICA_LAG, 15, 3600);
    if lag <= variables.seconds(registry::HEARTBEAT_INTERVAL, 5, 3600) {
        let problem = "it must be more than HEARTBEAT_INTERVAL, or a replica always seems behind";
        variables.find_invalid(registry::DATABASE_REPLICA_LAG, problem);
    }
    Some(ReplicaSettings { url, lag })
}
