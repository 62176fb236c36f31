//! The secrets that tokens are signed with and read with, as a rotation passes through them: next, current, previous. Also judges
//! those that arrive while running.

use ed25519_dalek::SigningKey;
use ed25519_dalek::pkcs8::DecodePrivateKey;

use super::registry::{JWT_SECRET, JWT_SECRET_NEXT, JWT_SECRET_PREVIOUS};
use super::{ConfigError, Secret};
use crate::secrets::Secrets;

const LEAST_CHARACTERS: usize = 32;

/// One signs, the others are only read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JwtKeys {
    pub current: Secret,
    pub previous: Option<Secret>,
    pub next: Option<Secret>,
}

/// Stands where none could be used; a process that has it does not start.
impl Default for JwtKeys {
    fn default() -> Self {
        Self::only(Secret::new(""))
    }
}

impl JwtKeys {
    /// One key, without a rotation.
    pub fn only(current: Secret) -> Self {
        Self {
            current,
            previous: None,
            next: None,
        }
    }

    /// Those among the secrets.
    ///
    /// # Errors
    /// When the current one is missing, or one is too short. How long it is is said, never what it is.
    pub fn of(secrets: &Secrets) -> Result<Self, Vec<ConfigError>> {
        let mut findings = Vec::new();
        let mut take = |name| {
            let secret = secrets.current(name)?;
            findings.extend(judge(name, secret).err());
            Some(secret.clone())
        };
        let (current, previous, next) = (
            take(JWT_SECRET),
            take(JWT_SECRET_PREVIOUS),
            take(JWT_SECRET_NEXT),
        );
        match current {
            Some(current) if findings.is_empty() => Ok(Self {
                current,
                previous,
                next,
            }),
            Some(_) => Err(findings),
            None => {
                findings.push(ConfigError::Missing { name: JWT_SECRET });
                Err(findings)
            }
        }
    }
}

/// The pair of keys in a secret that holds one, in PEM; none where it holds a secret of both sides.
pub fn ed25519(secret: &Secret) -> Option<Result<SigningKey, MalformedKey>> {
    let text = secret.reveal().trim();
    let pair = || SigningKey::from_pkcs8_pem(text).map_err(|_| MalformedKey);
    text.starts_with("-----BEGIN").then(pair)
}

/// PEM that is no private Ed25519 key.
#[derive(Debug, thiserror::Error)]
#[error("not a private Ed25519 key in PEM (openssl genpkey -algorithm ed25519)")]
pub struct MalformedKey;

fn judge(name: &'static str, secret: &Secret) -> Result<(), ConfigError> {
    if let Some(pair) = ed25519(secret) {
        return pair.map(drop).map_err(|error| ConfigError::Invalid {
            name,
            problem: error.to_string(),
        });
    }
    match secret.reveal().chars().count() {
        enough if enough >= LEAST_CHARACTERS => Ok(()),
        few => Err(ConfigError::Invalid {
            name,
            problem: format!("{few} characters are fewer than {LEAST_CHARACTERS}"),
        }),
    }
}
