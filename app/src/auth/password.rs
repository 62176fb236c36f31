//! Hashes and checks passwords: argon2id with the parameters OWASP gives as the minimum (19 MiB, two passes, one lane), away
//! from the threads that answer requests.

use std::fmt;

use argon2::password_hash::rand_core::OsRng;
use argon2::password_hash::{PasswordHash, PasswordHasher, PasswordVerifier, SaltString};
use argon2::{Algorithm, Argon2, Params, Version};

use super::hashing::Hashing;
use crate::config::Secret;
use crate::http::{ApiError, Invalid, text};

const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;

/// A password as somebody typed it.
#[derive(Debug, Clone)]
pub struct Password(Secret);

impl Password {
    /// One to be chosen: at least 8 characters; at most 128, which no person types and no attacker should make us hash.
    pub fn parse(value: String) -> Result<Self, Invalid> {
        text("password", value, 8..=128).map(|value| Self(Secret::new(value)))
    }

    /// One to be compared: a password that could not be chosen is wrong, not malformed.
    pub fn attempt(value: String) -> Self {
        Self(Secret::new(value))
    }
}

/// What came of comparing a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Checked {
    Wrong,
    Right,
    /// Right, and the stored hash has other parameters than a new one would.
    Outdated,
}

/// The place where hashing happens; one a process.
pub struct Passwords {
    hashing: Hashing,
    /// Checked where there is no account, so that its absence takes as long as a wrong password.
    decoy: String,
}

impl fmt::Debug for Passwords {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Passwords")
    }
}

impl Passwords {
    /// Lets `at_once` hashes run at the same time. Takes as long as one hash.
    pub fn new(at_once: usize) -> Result<Self, ApiError> {
        Ok(Self {
            hashing: Hashing::on(at_once)?,
            decoy: hash(&Secret::new(uuid::Uuid::new_v4().to_string()))?,
        })
    }

    /// The hash to store.
    pub async fn hash(&self, password: Password) -> Result<String, ApiError> {
        self.hashing.run(move || hash(&password.0)).await?
    }

    /// Compares the password with the stored hash. Without a stored one it works as hard and says no.
    pub async fn check(
        &self,
        password: Password,
        stored: Option<String>,
    ) -> Result<Checked, ApiError> {
        let known = stored.is_some();
        let stored = stored.unwrap_or_else(|| self.decoy.clone());
        let checked = self
            .hashing
            .run(move || verify(&password.0, &stored))
            .await??;
        Ok(if known { checked } else { Checked::Wrong })
    }
}

fn argon2() -> Result<Argon2<'static>, ApiError> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None)
        .map_err(|error| ApiError::Internal(format!("argon2 parameters: {error}")))?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

fn hash(password: &Secret) -> Result<String, ApiError> {
    let salt = SaltString::generate(&mut OsRng);
    argon2()?
        .hash_password(password.reveal().as_bytes(), &salt)
        .map(|hash| hash.to_string())
        .map_err(|error| ApiError::Internal(format!("password hashing failed: {error}")))
}

fn verify(password: &Secret, stored: &str) -> Result<Checked, ApiError> {
    let stored = PasswordHash::new(stored).map_err(|error| {
        ApiError::Internal(format!("a stored password hash is broken: {error}"))
    })?;
    // The stored hash brings its own parameters.
    let matches = Argon2::default()
        .verify_password(password.reveal().as_bytes(), &stored)
        .is_ok();
    Ok(match matches {
        false => Checked::Wrong,
        true if is_current(&stored) => Checked::Right,
        true => Checked::Outdated,
    })
}

fn is_current(stored: &PasswordHash<'_>) -> bool {
    let params = Params::try_from(stored);
    stored.algorithm == Algorithm::Argon2id.ident()
        && params.is_ok_and(|params| {
            (params.m_cost(), params.t_cost(), params.p_cost()) == (MEMORY_KIB, PASSES, LANES)
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn attempt(text: &str) -> Password {
        Password::attempt(text.into())
    }

    #[tokio::test]
    async fn the_right_password_is_recognised_and_stored_as_argon2id() {
        let passwords = Passwords::new(1).unwrap();
        let stored = passwords.hash(attempt("correct horse")).await.unwrap();
        assert!(
            stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"),
            "{stored}"
        );
        assert!(stored.len() <= 255);
        let check = async |text, stored| passwords.check(attempt(text), stored).await.unwrap();
        assert_eq!(
            check("correct horse", Some(stored.clone())).await,
            Checked::Right
        );
        assert_eq!(check("wrong horse", Some(stored)).await, Checked::Wrong);
        assert_eq!(check("correct horse", None).await, Checked::Wrong);
    }

    #[test]
    fn a_hash_with_older_parameters_is_right_and_told_apart() {
        let salt = SaltString::generate(&mut OsRng);
        let params = Params::new(64, 1, 1, None).unwrap();
        let older = Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
            .hash_password(b"correct horse", &salt)
            .unwrap()
            .to_string();
        let check = |text| verify(&Secret::new(text), &older).unwrap();
        assert_eq!(check("correct horse"), Checked::Outdated);
        assert_eq!(check("wrong horse"), Checked::Wrong);
    }

    #[test]
    fn a_password_is_not_shown() {
        assert!(!format!("{:?}", attempt("hunter2")).contains("hunter2"));
    }
}
