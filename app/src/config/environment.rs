//! Names of environments and log levels, and the profile of an environment: what it chooses when nothing else was said.

use super::ConfigError;

/// `APP_ENV`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Environment {
    Development,
    Staging,
    Production,
}

/// What an environment chooses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Profile {
    /// A developer's machine is not open to its network by accident.
    pub host: &'static str,
    /// Whether a failure says its cause to the client.
    pub debug: bool,
    pub log_level: LogLevel,
    /// Seconds in which a load balancer hears that a process is leaving.
    pub shutdown_grace: u32,
    pub shared: Shared,
    pub mail: Mail,
}

/// Where cache, limits and the bus live.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shared {
    /// In this process: there is only one.
    Memory,
    /// Between all processes.
    Redis,
}

/// Where a mail goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mail {
    /// Into the log.
    Console,
    /// Out, but to the staging addresses alone.
    Staging,
    /// To whom it is addressed.
    Addressee,
}

/// How strict the process is with what it was told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Strictness {
    /// One machine, one developer: secrets may stand in the environment, traffic may be readable.
    Lenient,
    /// Secrets come from a place for secrets and all traffic is encrypted.
    Guarded,
}

impl Environment {
    pub fn parse(text: &str) -> Result<Self, ConfigError> {
        match text {
            "development" => Ok(Self::Development),
            "staging" => Ok(Self::Staging),
            "production" => Ok(Self::Production),
            other => Err(ConfigError::Invalid {
                name: "APP_ENV",
                problem: format!("{other:?} is none of development, staging, production"),
            }),
        }
    }

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Development => "development",
            Self::Staging => "staging",
            Self::Production => "production",
        }
    }

    pub fn strictness(self) -> Strictness {
        match self {
            Self::Development => Strictness::Lenient,
            Self::Staging | Self::Production => Strictness::Guarded,
        }
    }

    pub fn profile(self) -> Profile {
        match self {
            Self::Development => Profile {
                host: "127.0.0.1",
                debug: true,
                log_level: LogLevel::Debug,
                shutdown_grace: 0,
                shared: Shared::Memory,
                mail: Mail::Console,
            },
            Self::Staging => Profile {
                host: "0.0.0.0",
                debug: false,
                log_level: LogLevel::Info,
                shutdown_grace: 5,
                shared: Shared::Redis,
                mail: Mail::Staging,
            },
            Self::Production => Profile {
                host: "0.0.0.0",
                debug: false,
                log_level: LogLevel::Warning,
                shutdown_grace: 5,
                shared: Shared::Redis,
                mail: Mail::Addressee,
            },
        }
    }
}

/// `LOG_LEVEL`, quietest last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogLevel {
    Debug,
    Info,
    Warning,
    Error,
    Critical,
}

impl LogLevel {
    pub fn parse(text: &str) -> Result<Self, ConfigError> {
        match text.to_ascii_uppercase().as_str() {
            "DEBUG" => Ok(Self::Debug),
            "INFO" => Ok(Self::Info),
            "WARNING" => Ok(Self::Warning),
            "ERROR" => Ok(Self::Error),
            "CRITICAL" => Ok(Self::Critical),
            _ => Err(ConfigError::Invalid {
                name: "LOG_LEVEL",
                problem: format!("{text:?} is none of DEBUG, INFO, WARNING, ERROR, CRITICAL"),
            }),
        }
    }
}
