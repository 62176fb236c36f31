//! Turns variables into the typed configuration. Pure but for the secrets file: the variables come in as a function.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use super::{ConfigError, Environment, LogLevel, Role, Secret, registry, secrets_file};

const JWT_SECRET_CHARACTERS: usize = 32;

/// Where the process learns which database it uses.
#[derive(Debug, Clone)]
pub enum DatabaseSource {
    /// A file that opsctl writes and this process watches.
    Descriptor(PathBuf),
    /// A connection string that holds for the life of the process.
    Url(Secret),
}

/// Everything the process was told.
#[derive(Debug, Clone)]
pub struct Config {
    pub role: Role,
    pub environment: Environment,
    pub address: SocketAddr,
    pub database: DatabaseSource,
    pub pool_size: u32,
    pub database_timeout: Duration,
    pub heartbeat_interval: Duration,
    pub jwt_secret: Secret,
    /// Reads tokens that were signed before a rotation; signs none.
    pub jwt_secret_previous: Option<Secret>,
    pub jwt_lifetime: Duration,
    pub log_level: LogLevel,
}

impl Config {
    /// Reads the variables of this process.
    #[expect(clippy::disallowed_methods, reason = "this is the configuration room")]
    pub fn from_process(role: Role) -> Result<Self, ConfigError> {
        Self::read(role, |name| std::env::var(name).ok())
    }

    /// Reads the variables that `lookup` knows. An empty one counts as not set.
    pub fn read(role: Role, lookup: impl Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        let variables = Variables::new(lookup)?;
        let environment = match variables.text(registry::APP_ENV) {
            Some(name) => Environment::parse(&name)?,
            None => Environment::Development,
        };
        Ok(Self {
            role,
            environment,
            address: variables.address(environment, role)?,
            database: variables.database()?,
            pool_size: variables.number(registry::DATABASE_POOL_SIZE, 20, 1..=1000)?,
            database_timeout: variables.seconds(registry::DATABASE_TIMEOUT, 30, 3600)?,
            heartbeat_interval: variables.seconds(registry::HEARTBEAT_INTERVAL, 5, 3600)?,
            jwt_secret: variables.jwt_secret()?,
            jwt_secret_previous: variables.jwt_secret_previous()?,
            jwt_lifetime: variables.seconds(registry::JWT_EXPIRATION, 3600, 31_536_000)?,
            log_level: match variables.text(registry::LOG_LEVEL) {
                Some(level) => LogLevel::parse(&level)?,
                None => environment.default_log_level(),
            },
        })
    }
}

struct Variables<Lookup> {
    lookup: Lookup,
    secrets: BTreeMap<String, Secret>,
}

impl<Lookup: Fn(&str) -> Option<String>> Variables<Lookup> {
    fn new(lookup: Lookup) -> Result<Self, ConfigError> {
        let secrets = match lookup(registry::SECRETS_FILE).filter(|path| !path.is_empty()) {
            Some(path) => secrets_file::read(&PathBuf::from(path))?,
            None => BTreeMap::new(),
        };
        Ok(Self { lookup, secrets })
    }

    fn text(&self, name: &str) -> Option<String> {
        (self.lookup)(name).filter(|value| !value.is_empty())
    }

    fn secret(&self, name: &str) -> Option<Secret> {
        self.text(name)
            .map(Secret::new)
            .or_else(|| self.secrets.get(name).cloned())
    }

    fn number(
        &self,
        name: &'static str,
        default: u32,
        range: std::ops::RangeInclusive<u32>,
    ) -> Result<u32, ConfigError> {
        let Some(text) = self.text(name) else {
            return Ok(default);
        };
        text.parse()
            .ok()
            .filter(|number| range.contains(number))
            .ok_or_else(|| {
                let (low, high) = range.into_inner();
                let problem = format!("{text:?} is not a number from {low} to {high}");
                ConfigError::Invalid { name, problem }
            })
    }

    fn seconds(
        &self,
        name: &'static str,
        default: u32,
        most: u32,
    ) -> Result<Duration, ConfigError> {
        Ok(Duration::from_secs(
            self.number(name, default, 1..=most)?.into(),
        ))
    }

    fn address(&self, environment: Environment, role: Role) -> Result<SocketAddr, ConfigError> {
        let host = self.text(registry::APP_HOST).unwrap_or_else(|| match role {
            Role::Probe => "127.0.0.1".into(),
            Role::All | Role::Api => environment.default_host().into(),
        });
        let refuse = |problem| ConfigError::Invalid {
            name: registry::APP_HOST,
            problem,
        };
        let ip: IpAddr = host
            .parse()
            .map_err(|_| refuse(format!("{host:?} is not an IP address")))?;
        if role == Role::Probe && !ip.is_loopback() {
            return Err(refuse(format!(
                "the role probe listens on loopback only, not on {ip}"
            )));
        }
        let port = self.number(registry::APP_PORT, 8000, 0..=u32::from(u16::MAX))?;
        Ok(SocketAddr::new(ip, u16::try_from(port).unwrap_or(u16::MAX)))
    }

    fn database(&self) -> Result<DatabaseSource, ConfigError> {
        if let Some(path) = self.text(registry::DATABASE_DESCRIPTOR) {
            return Ok(DatabaseSource::Descriptor(path.into()));
        }
        self.secret(registry::DATABASE_URL)
            .map(DatabaseSource::Url)
            .ok_or(ConfigError::NoDatabase)
    }

    fn jwt_secret(&self) -> Result<Secret, ConfigError> {
        let name = registry::JWT_SECRET;
        let secret = self.secret(name).ok_or(ConfigError::Missing { name })?;
        long_enough(name, secret)
    }

    fn jwt_secret_previous(&self) -> Result<Option<Secret>, ConfigError> {
        let name = registry::JWT_SECRET_PREVIOUS;
        self.secret(name)
            .filter(|secret| !secret.reveal().is_empty())
            .map(|secret| long_enough(name, secret))
            .transpose()
    }
}

fn long_enough(name: &'static str, secret: Secret) -> Result<Secret, ConfigError> {
    match secret.reveal().chars().count() {
        enough if enough >= JWT_SECRET_CHARACTERS => Ok(secret),
        few => Err(ConfigError::Invalid {
            name,
            problem: format!("{few} characters are fewer than {JWT_SECRET_CHARACTERS}"),
        }),
    }
}

#[cfg(test)]
#[path = "reading_tests.rs"]
mod tests;
