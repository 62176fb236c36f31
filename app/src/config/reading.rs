//! Turns variables into the typed configuration. The variables come in as a function, the secrets as they were read.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use super::variables::Variables;
use super::ways::{DatabaseSource, ReplicaSettings, TlsFiles};
use super::{
    AuthServiceSettings, CacheKind, ConfigError, Environment, Findings, HttpSettings, JwtKeys,
    LogLevel, MailSettings, Role, Secret, StoragePlace, TracesSettings, features, mail, refusals,
    registry, storage, ways,
};
use crate::rate_limit::{Proxies, Quotas};
use crate::secrets::{Secrets, SecretsSource, SecretsStore};

/// The secrets, and how they are followed.
#[derive(Debug, Clone)]
pub struct SecretsSettings {
    /// None where they cannot change.
    pub store: Option<Arc<dyn SecretsStore>>,
    /// From the environment; stands above what the source says.
    pub above: Secrets,
    /// Both, as of the start.
    pub at_start: Secrets,
    pub interval: Duration,
}

/// Everything the process was told.
#[derive(Debug, Clone)]
pub struct Config {
    pub role: Role,
    pub environment: Environment,
    pub http: HttpSettings,
    /// For which requests are still taken after the process was told to stop.
    pub shutdown_grace: Duration,
    pub address: SocketAddr,
    /// None where the service speaks in the clear.
    pub tls: Option<TlsFiles>,
    pub database: DatabaseSource,
    pub replica: Option<ReplicaSettings>,
    pub pool_size: u32,
    /// For a connection to be there, and nothing else.
    pub database_timeout: Duration,
    pub statement_timeout: Duration,
    pub slow_query: Duration,
    pub heartbeat_interval: Duration,
    pub secrets: SecretsSettings,
    pub mail: MailSettings,
    pub cache: CacheKind,
    pub jwt_keys: JwtKeys,
    pub jwt_lifetime: Duration,
    /// Whom to ask about tokens; none: this process judges them.
    pub auth_service: Option<AuthServiceSettings>,
    /// How long a verified token is trusted; zero: each request asks.
    pub verified_lasts: Duration,
    pub quotas: Quotas,
    pub proxies: Proxies,
    /// What all processes share; none: each keeps to itself.
    pub redis: Option<Secret>,
    /// Where the measurements are read.
    pub metrics: SocketAddr,
    pub log_level: LogLevel,
    /// Where traces go; none: nowhere.
    pub traces: Option<TracesSettings>,
    /// Where documents lie.
    pub storage: Option<StoragePlace>,
    /// Where people reach the service; none: where it listens.
    pub public_url: Option<String>,
    /// What `FEATURE_*` variables say, by their whole names; they win over the database.
    pub features: BTreeMap<String, bool>,
}

impl Config {
    /// Reads the variables of this process.
    #[expect(clippy::disallowed_methods, reason = "this is the configuration room")]
    pub async fn from_process(role: Role) -> Result<Self, Findings> {
        let names = std::env::vars_os().filter_map(|(name, _)| name.into_string().ok());
        let lookup = |name: &str| std::env::var(name).ok();
        let features = features::read(names, lookup).map_err(Findings::from);
        match (Self::read(role, lookup).await, features) {
            (Ok(config), Ok(features)) => Ok(Self { features, ..config }),
            (Err(mut findings), Err(others)) => {
                findings.0.extend(others.0);
                Err(findings)
            }
            (Err(findings), _) | (_, Err(findings)) => Err(findings),
        }
    }

    /// Reads the variables that `lookup` knows. An empty one counts as not set.
    ///
    /// # Errors
    /// With everything that is wrong, in one go.
    pub async fn read(
        role: Role,
        lookup: impl Fn(&str) -> Option<String>,
    ) -> Result<Self, Findings> {
        let source = SecretsSource::named_by(&lookup).map_err(ConfigError::from)?;
        let store = source.store();
        let held = match &store {
            Some(store) => store.read().await.map_err(ConfigError::from)?,
            None => Secrets::default(),
        };
        Self::with_secrets(role, &lookup, store, held)
    }

    fn with_secrets(
        role: Role,
        lookup: &dyn Fn(&str) -> Option<String>,
        store: Option<Arc<dyn SecretsStore>>,
        held: Secrets,
    ) -> Result<Self, Findings> {
        let above = in_environment(lookup);
        let secrets = &held.under(&above);
        let variables = Variables::new(lookup, secrets);
        let environment = variables.parsed(
            registry::APP_ENV,
            Environment::Development,
            Environment::parse,
        );
        let profile = environment.profile();
        refusals::judge(&variables, environment, role);
        let address = address(&variables, environment, role);
        let documents = storage::read(&variables);
        let config = Self {
            role,
            environment,
            http: HttpSettings::read(&variables, profile.debug),
            shutdown_grace: Duration::from_secs(
                variables
                    .number(registry::SHUTDOWN_GRACE, profile.shutdown_grace, 0..=60)
                    .into(),
            ),
            address,
            tls: ways::tls(&variables, environment, role),
            database: ways::database(&variables),
            replica: ways::replica(&variables),
            pool_size: variables.number(registry::DATABASE_POOL_SIZE, 20, 1..=1000),
            database_timeout: variables.seconds(registry::DATABASE_TIMEOUT, 30, 3600),
            statement_timeout: variables.seconds(registry::DATABASE_STATEMENT_TIMEOUT, 20, 3600),
            slow_query: variables.milliseconds(registry::DATABASE_SLOW_QUERY, 500, 3_600_000),
            heartbeat_interval: variables.seconds(registry::HEARTBEAT_INTERVAL, 5, 3600),
            secrets: SecretsSettings {
                store,
                above,
                at_start: secrets.clone(),
                interval: variables.seconds(registry::SECRETS_INTERVAL, 10, 3600),
            },
            cache: cache(&variables, environment),
            mail: mail::read(&variables, environment, role),
            jwt_keys: jwt_keys(&variables, secrets),
            jwt_lifetime: variables.seconds(registry::JWT_EXPIRATION, 3600, 31_536_000),
            auth_service: AuthServiceSettings::read(&variables, role),
            verified_lasts: verified_lasts(&variables),
            public_url: storage::public_url(&variables, environment, documents.as_ref()),
            storage: documents,
            features: named_features(&variables),
            quotas: quotas(&variables),
            proxies: proxies(&variables),
            redis: redis(&variables),
            metrics: metrics(&variables, environment, address.ip()),
            traces: TracesSettings::read(&variables, environment),
            log_level: variables.parsed(registry::LOG_LEVEL, profile.log_level, LogLevel::parse),
        };
        let findings = variables.findings();
        if findings.0.is_empty() {
            Ok(config)
        } else {
            Err(findings)
        }
    }
}

fn quotas(variables: &Variables<'_>) -> Quotas {
    Quotas {
        of_user: variables.number(registry::RATE_LIMIT_USER, 1000, 1..=u32::MAX),
        of_address: variables.number(registry::RATE_LIMIT_ADDRESS, 10_000, 1..=u32::MAX),
    }
}

/// The ones in the registry; the rest has names that only the process's own environment can tell.
fn named_features(variables: &Variables<'_>) -> BTreeMap<String, bool> {
    let names = registry::VARIABLES.iter().map(|one| one.name.to_owned());
    features::read(names, |name| variables.text(name)).unwrap_or_else(|finding| {
        variables.find(finding);
        BTreeMap::new()
    })
}

/// On the same addresses as the service, on a port of its own.
fn metrics(variables: &Variables<'_>, environment: Environment, ip: IpAddr) -> SocketAddr {
    let default = match environment {
        Environment::Development => 0,
        Environment::Staging | Environment::Production => 9000,
    };
    let port = variables.number(registry::METRICS_PORT, default, 0..=u32::from(u16::MAX));
    SocketAddr::new(ip, u16::try_from(port).unwrap_or_default())
}

fn proxies(variables: &Variables<'_>) -> Proxies {
    let name = registry::TRUSTED_PROXIES;
    let text = variables.text(name).unwrap_or_default();
    Proxies::parse(&text).unwrap_or_else(|part| {
        let problem = format!("{part:?} is neither an address nor a subnet");
        variables.find_invalid(name, problem);
        Proxies::default()
    })
}

fn redis(variables: &Variables<'_>) -> Option<Secret> {
    let name = registry::REDIS_URL;
    let url = variables.secret(name)?;
    let usable = ["redis://", "rediss://"]
        .iter()
        .any(|scheme| url.reveal().starts_with(scheme));
    if !usable {
        variables.find_invalid(name, "not a redis:// or rediss:// address");
    }
    Some(url)
}

fn address(variables: &Variables<'_>, environment: Environment, role: Role) -> SocketAddr {
    let name = registry::APP_HOST;
    let host = variables.text(name).unwrap_or_else(|| match role {
        Role::Probe => "127.0.0.1".into(),
        Role::All | Role::Api | Role::Auth | Role::Worker => environment.profile().host.into(),
    });
    let ip = host.parse().unwrap_or_else(|_| {
        variables.find_invalid(name, format!("{host:?} is not an IP address"));
        IpAddr::from([127, 0, 0, 1])
    });
    if role == Role::Probe && !ip.is_loopback() {
        let problem = format!("the role probe listens on loopback only, not on {ip}");
        variables.find_invalid(name, problem);
    }
    let port = variables.number(registry::APP_PORT, 8000, 0..=u32::from(u16::MAX));
    SocketAddr::new(ip, u16::try_from(port).unwrap_or(u16::MAX))
}

fn cache(variables: &Variables<'_>, environment: Environment) -> CacheKind {
    let redis = variables.secret(registry::REDIS_URL).is_some();
    let chosen = CacheKind::chosen(redis, environment);
    let kind = variables.parsed(registry::CACHE, chosen, CacheKind::parse);
    if kind == CacheKind::Redis && !redis {
        variables.find_invalid(registry::CACHE, "redis needs REDIS_URL");
    }
    kind
}

fn verified_lasts(variables: &Variables<'_>) -> Duration {
    let seconds = variables.number(registry::AUTH_CACHE_SECONDS, 5, 0..=60);
    Duration::from_secs(seconds.into())
}

fn in_environment(lookup: &dyn Fn(&str) -> Option<String>) -> Secrets {
    let names = registry::VARIABLES.iter().map(|variable| variable.name);
    let secrets = names.filter(|name| registry::is_secret(name));
    secrets
        .filter_map(|name| Some((name.to_owned(), lookup(name)?)))
        .filter(|(_, value)| !value.is_empty())
        .map(|(name, value)| (name, Secret::new(value)))
        .collect()
}

fn jwt_keys(variables: &Variables<'_>, secrets: &Secrets) -> JwtKeys {
    JwtKeys::of(secrets).unwrap_or_else(|findings| {
        for finding in findings {
            variables.find(finding);
        }
        JwtKeys::default()
    })
}

#[cfg(test)]
#[path = "reading_tests.rs"]
mod tests;
