//! Reads JSON bodies, and the text in them. Every way in which a body can be wrong ends in the contract's error body.

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, StatusCode, header};
use serde::de::DeserializeOwned;

use super::ApiError;
use super::patience::broken_off;

/// A JSON body. Last argument of a handler.
#[derive(Debug)]
pub struct Body<T>(pub T);

impl<T, S> FromRequest<S> for Body<T>
where
    T: DeserializeOwned,
    S: Send + Sync,
{
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        let (body, _bytes) = Self::with_bytes(request, state).await?;
        Ok(body)
    }
}

impl<T: DeserializeOwned> Body<T> {
    /// The body, and the bytes that it was read from.
    ///
    /// # Errors
    /// In every way in which a body can be wrong.
    pub async fn with_bytes<S: Send + Sync>(
        request: Request,
        state: &S,
    ) -> Result<(Self, Bytes), ApiError> {
        if !is_json(request.headers()) {
            return Err(ApiError::refused(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "unsupported_media_type",
                "Content-Type must be application/json",
            ));
        }
        let bytes = Bytes::from_request(request, state)
            .await
            .map_err(unread_body)?;
        Ok((Self(parse_body(&bytes)?), bytes))
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    let value = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    value.is_some_and(|value| {
        let kind = value.split(';').next().unwrap_or_default().trim();
        kind.eq_ignore_ascii_case("application/json")
    })
}

/// Where the bytes of a body could not be read.
pub fn unread_body(rejection: BytesRejection) -> ApiError {
    if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
        return ApiError::refused(
            StatusCode::PAYLOAD_TOO_LARGE,
            "body_too_large",
            "The body is larger than this resource accepts",
        );
    }
    broken_off(&rejection)
}

/// Of bytes that were read already.
pub fn parse_body<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, ApiError> {
    // A list would be read as the fields in their order, which nobody means.
    if bytes
        .trim_ascii_start()
        .first()
        .is_some_and(|byte| *byte != b'{')
    {
        let _list: serde::de::IgnoredAny = serde_json::from_slice(bytes).map_err(refuse)?;
        return Err(Invalid::new("The body", "must be a JSON object").into());
    }
    serde_json::from_slice(bytes).map_err(refuse)
}

fn refuse(error: serde_json::Error) -> ApiError {
    match error.classify() {
        serde_json::error::Category::Data => ApiError::refused(
            StatusCode::UNPROCESSABLE_ENTITY,
            "invalid_field",
            format!("The body is not what this resource accepts: {error}"),
        ),
        _ => ApiError::refused(
            StatusCode::BAD_REQUEST,
            "invalid_json",
            format!(
                "The body is not valid JSON (line {}, column {})",
                error.line(),
                error.column()
            ),
        ),
    }
}

/// A field that holds what it must not.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{field} {problem}")]
pub struct Invalid {
    pub field: &'static str,
    pub problem: String,
}

impl Invalid {
    pub fn new(field: &'static str, problem: impl Into<String>) -> Self {
        Self {
            field,
            problem: problem.into(),
        }
    }
}

/// Text of the given number of characters and without NUL, which PostgreSQL cannot store and SQLite would cut at.
pub fn text(
    field: &'static str,
    value: String,
    characters: std::ops::RangeInclusive<usize>,
) -> Result<String, Invalid> {
    if value.contains('\0') {
        return Err(Invalid::new(field, "must not contain NUL"));
    }
    let (low, high) = (*characters.start(), *characters.end());
    match value.chars().count() {
        few if few < low => Err(Invalid::new(
            field,
            format!("must have at least {low} characters"),
        )),
        many if many > high => Err(Invalid::new(
            field,
            format!("must have at most {high} characters"),
        )),
        _ => Ok(value),
    }
}
