//! The header by which a client shows how far it has seen, so that a replica may answer it: every answer to a write says it, and
//! a client that sends it with its reads gets its own writes from whichever server is far enough. One that never sends it is
//! answered by the primary.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue};

use super::AppState;
use crate::database::Seen;

/// Both ways.
pub const CONSISTENCY_TOKEN: HeaderName = HeaderName::from_static("consistency-token");

/// What the client says it has seen; None where it says nothing that was given out here.
#[derive(Debug, Clone, Copy)]
pub struct LastSeen(pub Option<Seen>);

impl<S: Sync> FromRequestParts<S> for LastSeen {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Infallible> {
        let token = parts.headers.get(CONSISTENCY_TOKEN);
        let token = token.and_then(|token| token.to_str().ok());
        Ok(Self(token.and_then(|token| token.parse().ok())))
    }
}

/// Says how far a write has come, whether it went well or not: what failed may have been written all the same.
pub async fn tell(state: &AppState, headers: &mut HeaderMap) {
    if let Some(seen) = state.database.seen_now().await
        && let Ok(token) = HeaderValue::from_str(&seen.to_string())
    {
        headers.insert(CONSISTENCY_TOKEN, token);
    }
}
