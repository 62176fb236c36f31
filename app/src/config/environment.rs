//! Names of environments and log levels, and what an environment chooses when nothing else was said.

use super::ConfigError;

/// `APP_ENV`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Environment {
    Development,
    Staging,
    Production,
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

    /// A developer's machine is not open to its network by accident.
    pub fn default_host(self) -> &'static str {
        match self {
            Self::Development => "127.0.0.1",
            Self::Staging | Self::Production => "0.0.0.0",
        }
    }

    pub fn default_log_level(self) -> LogLevel {
        match self {
            Self::Development => LogLevel::Debug,
            Self::Staging => LogLevel::Info,
            Self::Production => LogLevel::Warning,
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
