//! Reads a key from the path. A malformed one is the caller's mistake (400), not a missing resource (404).

use std::str::FromStr;

use axum::extract::{FromRequestParts, Path};
use axum::http::StatusCode;
use axum::http::request::Parts;

use super::ApiError;

/// The `{id}` of the path.
#[derive(Debug, Clone, Copy)]
pub struct Key<Id>(pub Id);

impl<Id, S> FromRequestParts<S> for Key<Id>
where
    Id: FromStr + Send,
    S: Send + Sync,
{
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let malformed = || {
            ApiError::refused(
                StatusCode::BAD_REQUEST,
                "invalid_id",
                "The id must be a UUID",
            )
        };
        let Path(text) = Path::<String>::from_request_parts(parts, state)
            .await
            .map_err(|_| malformed())?;
        text.parse().map(Self).map_err(|_| malformed())
    }
}
