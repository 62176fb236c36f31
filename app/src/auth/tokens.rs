//! Issues and reads tokens: JWT, HS256, with the claims `sub`, `iat`, `exp`, `iss`, `aud`. A token that anything is wrong with
//! is just invalid; why is nobody's business.

use std::fmt;
use std::time::Duration;

use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use crate::config::Secret;
use crate::database::{Timestamp, UserId};
use crate::http::ApiError;

const ISSUER: &str = "app";
const AUDIENCE: &str = "app";

#[derive(Debug, Serialize, Deserialize)]
struct Claims {
    sub: String,
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

/// The keys of this process.
pub struct Tokens {
    encoding: EncodingKey,
    decoding: DecodingKey,
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
            encoding: EncodingKey::from_secret(secret.reveal().as_bytes()),
            decoding: DecodingKey::from_secret(secret.reveal().as_bytes()),
            validation,
            lifetime,
            revocation,
        }
    }

    /// Seconds for which a new token holds.
    pub fn lifetime_seconds(&self) -> u64 {
        self.lifetime.as_secs()
    }

    /// A new token. Tokens count whole seconds, so one issued within the second of a revocation is dated after it.
    pub fn issue(&self, user: UserId, valid_after: Option<Timestamp>) -> Result<String, ApiError> {
        let now = OffsetDateTime::now_utc().unix_timestamp();
        let iat = now.max(
            valid_after
                .map_or(now, Timestamp::seconds_rounded_up)
                .min(now + 1),
        );
        let lifetime = i64::try_from(self.lifetime.as_secs()).unwrap_or(i64::MAX);
        let claims = Claims {
            sub: user.to_string(),
            iat,
            exp: iat.saturating_add(lifetime),
            iss: ISSUER.into(),
            aud: AUDIENCE.into(),
        };
        jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &self.encoding)
            .map_err(|error| ApiError::Internal(format!("a token cannot be signed: {error}")))
    }

    /// Whose token it is.
    pub fn read(&self, token: &str, valid_after: Option<Timestamp>) -> Result<UserId, ApiError> {
        let claims: Claims = jsonwebtoken::decode(token, &self.decoding, &self.validation)
            .map_err(|_| ApiError::InvalidToken)?
            .claims;
        let revoked = self.revocation == Revocation::Honoured
            && valid_after.is_some_and(|moment| claims.iat < moment.seconds_rounded_up());
        if revoked {
            return Err(ApiError::InvalidToken);
        }
        claims.sub.parse().map_err(|_| ApiError::InvalidToken)
    }
}

#[cfg(test)]
#[path = "tokens_tests.rs"]
mod tests;
