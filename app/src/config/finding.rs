//! What can be wrong with what the process was told, each with what to do about it. Never repeats a secret.

use std::fmt;

use crate::secrets::SecretsError;

/// One thing that is wrong. Exit code 2.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    #[error("{argument:?} is not an argument of app")]
    UnknownArgument { argument: String },
    #[error("{name} is not set")]
    Missing { name: &'static str },
    #[error("{name} cannot be used: {problem}")]
    Invalid { name: &'static str, problem: String },
    #[error("{name} cannot be used: {text:?} is neither true nor false")]
    Feature { name: String, text: String },
    #[error(transparent)]
    Secrets(#[from] SecretsError),
    #[error("neither DATABASE_DESCRIPTOR nor DATABASE_URL is set")]
    NoDatabase,
    #[error("{name} stands in the environment, where {environment} takes no secret from")]
    SecretInEnvironment {
        name: &'static str,
        environment: &'static str,
    },
    #[error("{name} is not encrypted; {environment} accepts {accepted} alone")]
    Plaintext {
        name: &'static str,
        environment: &'static str,
        accepted: String,
    },
    #[error("REDIS_URL is not set; the processes of {environment} count requests together")]
    CountsAlone { environment: &'static str },
    #[error("APP_TLS_CERTIFICATE is not set; {environment} serves nothing in the clear")]
    ServesPlaintext { environment: &'static str },
}

impl ConfigError {
    /// What to run or change; shown with the error.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::UnknownArgument { .. } => "app --help",
            Self::NoDatabase => {
                "opsctl up starts the platform on this machine and gives it a database"
            }
            Self::Secrets(error) => error.hint(),
            Self::SecretInEnvironment { .. } => {
                "unset it; mount it as a file and name the folder in SECRETS_DIR, or keep it in Secrets Manager and name it in SECRETS_MANAGER_IDS"
            }
            Self::Plaintext { .. } => {
                "name the encrypted way to that server; app --help lists the variables"
            }
            Self::Missing { .. } | Self::Invalid { .. } | Self::Feature { .. } => {
                "app --help lists the variables"
            }
            Self::CountsAlone { .. } => {
                "mount the address of the Redis that all of them share, rediss://…, as the secret REDIS_URL"
            }
            Self::ServesPlaintext { .. } => {
                "mount a certificate and its key; name both files in APP_TLS_CERTIFICATE and APP_TLS_KEY"
            }
        }
    }
}

/// Everything that is wrong, found in one go: nobody starts a process five times to learn five things.
#[derive(Debug)]
pub struct Findings(pub Vec<ConfigError>);

impl fmt::Display for Findings {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, finding) in self.0.iter().enumerate() {
            let between = if at == 0 { "" } else { "; " };
            write!(out, "{between}{finding}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Findings {}

impl From<ConfigError> for Findings {
    fn from(finding: ConfigError) -> Self {
        Self(vec![finding])
    }
}
