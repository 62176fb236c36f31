//! Owns what the process is told from outside: command line, environment variables, the secrets file. Reads each once, at
//! start, and hands typed values on. Never opens anything but the secrets file and never reads the environment later.

mod arguments;
mod environment;
mod reading;
pub mod registry;
mod secret;
mod secrets_file;

pub use arguments::{Invocation, Role};
pub use environment::{Environment, LogLevel};
pub use reading::{Config, DatabaseSource};
pub use secret::Secret;

/// Why the process cannot start with what it was given. Exit code 2.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    #[error("{argument:?} is not an argument of app")]
    UnknownArgument { argument: String },
    #[error("{name} is not set")]
    Missing { name: &'static str },
    #[error("{name} cannot be used: {problem}")]
    Invalid { name: &'static str, problem: String },
    #[error("the secrets file {path} cannot be used: {problem}")]
    SecretsFile { path: String, problem: String },
    #[error("neither DATABASE_DESCRIPTOR nor DATABASE_URL is set")]
    NoDatabase,
}

impl ConfigError {
    /// What to run or change; shown with the error.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::UnknownArgument { .. } => "app --help",
            Self::NoDatabase => {
                "opsctl up starts the platform on this machine and gives it a database"
            }
            Self::SecretsFile { .. } => {
                "chmod 600 on the file; it holds one JSON object of strings"
            }
            Self::Missing { .. } | Self::Invalid { .. } => "app --help lists the variables",
        }
    }
}
