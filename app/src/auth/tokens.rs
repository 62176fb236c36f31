//! Issues and reads tokens: JWT, HS256, with the claims `sub`, `sid` (of a log-in that lasts), `iat`, `exp`, `iss`, `aud`. A token that anything is wrong with
//! is just invalid; why is nobody's business.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{RwLock, RwLockReadGuard};
use std::time::Duration;

use jsonwebtoken::{Algorithm, Validation};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use super::keys::Keys;
use crate::config::{JwtKeys, Secret};
use crate::database::{SessionId, Timestamp, UserId};
use crate::http::ApiError;

const ISSUER: &str = "app";
const AUDIENCE: &str = "app";

/// By how much the clock of this machine may be behind that of the database, in seconds.
const BEHIND: i64 = 60;

#[derive(Debug, Serialize, Deserialize)]
struct Claims {
    sub: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sid: Option<String>,
    iat: i64,
    exp: i64,
    iss: String,
    aud: String,
}

/// Whether sessions can have been revoked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Revocation {
    /// Tokens from before the database's `sessions_valid_after` are refused.
    Honoured,
    /// The secret is younger than any session, as the probe's is, which lives for one look at a copy.
    NothingToRevoke,
}

/// What a token says: whose it is, and of which log-in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bearer {
    pub user: UserId,
    /// None for a token that ends with its time alone.
    pub session: Option<SessionId>,
}

/// A token that a key of ours signed and whose time has not come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Token {
    pub bearer: Bearer,
    /// Seconds since 1970.
    pub issued_at: i64,
    /// Seconds since 1970.
    pub expires_at: i64,
}

/// What a token claims, which nobody has to believe: enough to know whose changes matter to it.
pub fn claimed(token: &str) -> Option<Bearer> {
    let claims: Claims = jsonwebtoken::dangerous::insecure_decode_claims(token).ok()?;
    claims.bearer().ok()
}

impl Claims {
    fn bearer(&self) -> Result<Bearer, ApiError> {
        let session = self.sid.as_deref().map(str::parse).transpose();
        Ok(Bearer {
            user: self.sub.parse().map_err(|_| ApiError::InvalidToken)?,
            session: session.map_err(|_| ApiError::InvalidToken)?,
        })
    }
}

/// The keys of this process.
pub struct Tokens {
    keys: RwLock<Keys>,
    /// How often they were exchanged.
    exchanged: AtomicU64,
    validation: Validation,
    lifetime: Duration,
    revocation: Revocation,
}

impl fmt::Debug for Tokens {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Tokens")
            .field("lifetime", &self.lifetime)
            .finish_non_exhaustive()
    }
}

impl Tokens {
    pub fn new(secret: &Secret, lifetime: Duration, revocation: Revocation) -> Self {
        let mut validation = Validation::new(Algorithm::HS256);
        validation.leeway = 0;
        validation.set_issuer(&[ISSUER]);
        validation.set_audience(&[AUDIENCE]);
        validation.set_required_spec_claims(&["sub", "exp", "iss", "aud"]);
        Self {
            keys: RwLock::new(Keys::new(&JwtKeys::only(secret.clone()))),
            exchanged: AtomicU64::new(0),
            validation,
            lifetime,
            revocation,
        }
    }

    /// Signs with the current one from now on, and reads what the others signed as well.
    pub fn use_keys(&self, keys: &JwtKeys) {
        *self
            .keys
            .write()
            .unwrap_or_else(|poisoned| poisoned.into_inner()) = Keys::new(keys);
        self.exchanged.fetch_add(1, Ordering::SeqCst);
    }

    /// The public halves of the keys that have one.
    pub fn public_keys(&self) -> Vec<jsonwebtoken::jwk::Jwk> {
        self.keys().public()
    }

    /// Changes when the keys do.
    pub fn epoch(&self) -> u64 {
        self.exchanged.load(Ordering::SeqCst)
    }

    /// From when on tokens hold, as far as revocation is honoured here.
    pub fn honoured(&self, valid_after: Option<Timestamp>) -> Option<Timestamp> {
        valid_after.filter(|_| self.revocation == Revocation::Honoured)
    }

    /// Seconds for which a new token holds.
    pub fn lifetime_seconds(&self) -> u64 {
        self.lifetime.as_secs()
    }

    /// A new token. One that is issued after a revocation is dated after it, within the second as well, and where the clock here
    /// is behind the database's: whoever logs in then is in.
    pub fn issue(
        &self,
        bearer: Bearer,
        valid_after: Option<Timestamp>,
    ) -> Result<String, ApiError> {
        let now = OffsetDateTime::now_utc().unix_timestamp();
        let iat = now.max(
            valid_after
                .map_or(now, Timestamp::seconds_rounded_up)
                .min(now + BEHIND),
        );
        let lifetime = i64::try_from(self.lifetime.as_secs()).unwrap_or(i64::MAX);
        let claims = Claims {
            sub: bearer.user.to_string(),
            sid: bearer.session.map(|session| session.to_string()),
            iat,
            exp: iat.saturating_add(lifetime),
            iss: ISSUER.into(),
            aud: AUDIENCE.into(),
        };
        self.keys().sign(&claims)
    }

    /// What a token says, if it holds.
    pub fn read(&self, token: &str, valid_after: Option<Timestamp>) -> Result<Token, ApiError> {
        let claims: Claims = self
            .keys()
            .read(token, &self.validation)
            .ok_or(ApiError::InvalidToken)?;
        let revoked = self
            .honoured(valid_after)
            .is_some_and(|moment| claims.iat < moment.seconds_rounded_up());
        if revoked {
            return Err(ApiError::InvalidToken);
        }
        Ok(Token {
            bearer: claims.bearer()?,
            issued_at: claims.iat,
            expires_at: claims.exp,
        })
    }

    fn keys(&self) -> RwLockReadGuard<'_, Keys> {
        self.keys
            .read()
            .unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

#[cfg(test)]
#[path = "tokens_tests.rs"]
mod tests;
