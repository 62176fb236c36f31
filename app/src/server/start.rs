//! Builds the service from its configuration: opens and checks the database, then what needs it.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use tokio::sync::watch;
use uuid::Uuid;

use super::caching;
use super::listening::CertificateError;
use crate::auth::service::AuthService;
use crate::auth::{Passwords, Revocation, Throttle, Tokens, Verified};
use crate::config::{Config, DatabaseSource, Role, Secret, StoragePlace};
use crate::database::descriptor::Descriptor;
use crate::database::{Access, ConnectOptions, Database, DatabaseError, Mode, Session};
use crate::email::Smtp;
use crate::events::Outbox;
use crate::flags::Flags;
use crate::http::Parts;
use crate::rate_limit::{self, RateLimits, Shared};
use crate::secrets::{Live, Reread};
use crate::storage::{Folder, S3, Storage};
use crate::telemetry::traces::CollectorError;

/// Why the service does not start. Exit code 1.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error(transparent)]
    Database(#[from] DatabaseError),
    #[error("cannot listen on {address}: {error}")]
    Listen {
        address: SocketAddr,
        error: std::io::Error,
    },
    #[error(transparent)]
    Certificate(#[from] CertificateError),
    #[error(transparent)]
    Traces(#[from] CollectorError),
    #[error("cannot listen for the measurements on {address}: {error}")]
    Measure {
        address: SocketAddr,
        error: std::io::Error,
    },
    #[error("cannot prepare: {0}")]
    Prepare(String),
}

impl StartError {
    /// What to run; shown with the error.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Database(error) => error.hint(),
            Self::Listen { .. } => "set APP_PORT to a free port, or to 0 for any",
            Self::Certificate(_) => {
                "name a certificate and its key in APP_TLS_CERTIFICATE and APP_TLS_KEY; chmod 640 the key"
            }
            Self::Traces(_) => {
                "name a file with certificates (PEM) in OTEL_EXPORTER_OTLP_CERTIFICATE"
            }
            Self::Measure { .. } => "set METRICS_PORT to a free port, or to 0 for any",
            Self::Prepare(_) => "opsctl doctor",
        }
    }
}

/// A database that may be used, and the descriptor that named it.
pub(super) struct Opened {
    pub database: Database,
    pub described: Option<Described>,
    pub options: ConnectOptions,
}

pub(super) struct Described {
    pub path: PathBuf,
    pub descriptor: Descriptor,
    pub password: Option<Secret>,
}

/// Opens the database that the configuration names, if this process may use it.
pub(super) async fn open_database(
    config: &Config,
    process_id: Uuid,
    reread: Reread,
) -> Result<Opened, DatabaseError> {
    let options = connect_options(config, process_id, reread);
    match &config.database {
        DatabaseSource::Url(url) => {
            let secrets = &config.secrets.at_start;
            let session = Session::open_url(url, secrets.lineage(), &options).await?;
            let mode = secrets.mode().and_then(Result::ok);
            let database = Database::new(session, mode.unwrap_or(Mode::Normal));
            Ok(Opened {
                database,
                described: None,
                options,
            })
        }
        DatabaseSource::Descriptor(path) => {
            let descriptor = Descriptor::read(path)?;
            let password = descriptor.password()?;
            let session = Session::open_described(&descriptor, &options).await?;
            let database = Database::new(session, descriptor.mode);
            database.set_generation(descriptor.generation);
            let described = Some(Described {
                path: path.clone(),
                descriptor,
                password,
            });
            Ok(Opened {
                database,
                described,
                options,
            })
        }
    }
}

fn connect_options(config: &Config, process_id: Uuid, reread: Reread) -> ConnectOptions {
    ConnectOptions {
        access: match config.role {
            Role::Probe => Access::ReadOnly,
            Role::All | Role::Api | Role::Auth | Role::Worker => Access::ReadWrite,
        },
        pool_size: config.pool_size,
        timeout: config.database_timeout,
        statement_timeout: config.statement_timeout,
        slow_query: config.slow_query,
        strictness: config.environment.strictness(),
        reread,
        application_name: format!("app/{}/{process_id}", config.role.as_str()),
    }
}

/// Connected to beside the requests: that Redis is away is no reason not to start.
fn shared_limits(
    config: &Config,
    secrets: &Live,
    stopping: &watch::Receiver<bool>,
) -> Option<Shared> {
    config.redis.as_ref()?;
    let shared = Shared::default();
    let keeping = rate_limit::keep(shared.clone(), secrets.clone(), stopping.clone());
    tokio::spawn(keeping);
    Some(shared)
}

fn storage(config: &Config) -> Option<Arc<dyn Storage>> {
    Some(match config.storage.clone()? {
        StoragePlace::Folder(folder) => Arc::new(Folder::new(folder)),
        StoragePlace::Bucket(bucket) => Arc::new(S3::new(bucket)),
    })
}

fn auth_service(config: &Config) -> Result<Option<Arc<AuthService>>, StartError> {
    let settings = config.auth_service.as_ref();
    let service = settings.map(|settings| AuthService::new(settings, config.verified_lasts));
    let service = service.transpose();
    service
        .map(|service| service.map(Arc::new))
        .map_err(|error| StartError::Prepare(format!("to ask the auth service: {error}")))
}

/// What the handlers need.
pub(super) fn parts(
    config: &Config,
    database: Database,
    secrets: Live,
    stopping: watch::Receiver<bool>,
) -> Result<Parts, StartError> {
    let revocation = match config.role {
        Role::Probe => Revocation::NothingToRevoke,
        Role::All | Role::Api | Role::Auth | Role::Worker => Revocation::Honoured,
    };
    // Half of the cores for passwords, so that the other half is left for everybody else.
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let passwords = Passwords::new((cores / 2).max(1))
        .map_err(|error| StartError::Prepare(error.to_string()))?;
    let tokens = Tokens::new(&config.jwt_keys.current, config.jwt_lifetime, revocation);
    tokens.use_keys(&config.jwt_keys);
    let shared_limits = shared_limits(config, &secrets, &stopping);
    let cache = caching::cache(config, &database, &secrets, &stopping);
    Ok(Parts {
        database,
        passwords: Arc::new(passwords),
        tokens: Arc::new(tokens),
        verified: Arc::new(Verified::new(config.verified_lasts)),
        auth_service: auth_service(config)?,
        cache,
        mailer: Arc::new(Smtp::new(config.mail.clone(), secrets.clone())),
        secrets,
        throttle: Arc::new(Throttle::of_accounts()),
        address_throttle: Arc::new(Throttle::of_addresses()),
        activity: Arc::default(),
        traffic: Arc::default(),
        recent: Arc::default(),
        dashboard: Arc::default(),
        limits: Arc::new(RateLimits::new(config.quotas, shared_limits)),
        proxies: Arc::new(config.proxies.clone()),
        storage: storage(config),
        public_url: config.public_url.clone().unwrap_or_default().into(),
        environment: config.environment.as_str(),
        http: Arc::new(config.http.clone()),
        flags: Arc::new(Flags::new(config.features.clone())),
        outbox: Outbox::default(),
        stopping,
    })
}
