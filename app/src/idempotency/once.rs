//! A write that a client may ask for again: what was asked, under which key. The last argument of a handler, in the place of the
//! body; `begin` takes the key in the transaction of the effect, `Doing::end` keeps the answer there.

use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode};
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};
use utoipa::IntoParams;

use super::doing::Doing;
use super::rows;
use crate::database::{Actor, Work, Writer};
use crate::http::{ApiError, Body};

const HEADER: &str = "idempotency-key";
const LONGEST: usize = 255;

/// As the description of the service has it.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "it describes the header, which `Once` reads")]
pub struct IdempotencyKey {
    /// The same key and body get the same answer, for a day; another body under the key is refused (422).
    #[param(rename = "idempotency-key", min_length = 1, max_length = 255)]
    idempotency_key: Option<String>,
}

/// What was asked, where a key was given.
#[derive(Debug, Clone)]
pub(super) struct Asked {
    pub key: String,
    pub hash: String,
}

/// A write without a body.
#[derive(Debug)]
#[must_use]
pub struct Once(Option<Asked>);

/// A write with a JSON body.
#[derive(Debug)]
pub struct Write<T>(pub Once, pub T);

impl<S: Send + Sync> FromRequestParts<S> for Once {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, ApiError> {
        Self::of(parts, b"")
    }
}

impl<T, S> FromRequest<S> for Write<T>
where
    T: DeserializeOwned,
    S: Send + Sync,
{
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        if !request.headers().contains_key(HEADER) {
            let Body(body) = Body::from_request(request, state).await?;
            return Ok(Self(Once(None), body));
        }
        let (parts, body) = request.into_parts();
        let head = Parts::clone(&parts);
        let (Body(value), bytes) =
            Body::with_bytes(Request::from_parts(parts, body), state).await?;
        Ok(Self(Once::of(&head, &bytes)?, value))
    }
}

impl Once {
    fn of(parts: &Parts, body: &[u8]) -> Result<Self, ApiError> {
        let key = key(&parts.headers)?;
        Ok(Self(key.map(|key| Asked {
            key,
            hash: fingerprint(parts, body),
        })))
    }

    /// Begins the transaction of the effect.
    ///
    /// # Errors
    /// [`ApiError::AnsweredBefore`] with what was answered when the same was asked before; a refusal when the key was taken for
    /// another request.
    pub async fn begin(self, writer: &Writer, actor: Actor) -> Result<Doing<'_>, ApiError> {
        let mut work = Work::begin(writer, actor).await?;
        if let (Some(asked), Some(user)) = (&self.0, work.actor().user) {
            rows::take(&mut work, user, asked).await?;
        }
        Ok(Doing::new(work, self.0))
    }

    /// Stands for the whole request, body included: as worthy of protection as what is in it.
    pub fn fingerprint(&self) -> Option<&str> {
        self.0.as_ref().map(|asked| asked.hash.as_str())
    }

    pub(super) fn asked(&self) -> Option<&Asked> {
        self.0.as_ref()
    }

    /// The same key for something that must not be known by its fingerprint.
    pub fn known_by(&self, fingerprint: String) -> Self {
        Self(self.0.as_ref().map(|asked| Asked {
            key: asked.key.clone(),
            hash: fingerprint,
        }))
    }
}

fn key(headers: &HeaderMap) -> Result<Option<String>, ApiError> {
    let Some(value) = headers.get(HEADER) else {
        return Ok(None);
    };
    let text = value.to_str().unwrap_or_default();
    let fits = (1..=LONGEST).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic());
    if fits {
        return Ok(Some(text.to_owned()));
    }
    Err(ApiError::refused(
        StatusCode::BAD_REQUEST,
        "invalid_idempotency_key",
        format!("Idempotency-Key must have 1 to {LONGEST} visible ASCII characters"),
    ))
}

/// Of what was asked and not of how it was written: the order of a body's fields means nothing.
fn fingerprint(parts: &Parts, body: &[u8]) -> String {
    let written = serde_json::from_slice::<serde_json::Value>(body).map(|body| body.to_string());
    let body = written.unwrap_or_default();
    let asked = format!("{} {}\n{body}", parts.method, parts.uri.path());
    Sha256::digest(asked)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}
