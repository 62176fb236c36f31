//! An answer that is kept for whoever asks again.

use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use crate::database::{UserId, Work, in_work};
use crate::http::ApiError;

const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");
const KEEP: &str = "UPDATE idempotency_keys SET status = $3, location = $4, body = $5 \
    WHERE user_id = $1 AND key = $2";

/// What a request that creates something is answered with.
#[derive(Debug)]
pub struct Answer {
    status: StatusCode,
    location: Option<String>,
    body: String,
    replayed: bool,
}

impl Answer {
    /// 201, with where it is.
    pub fn created(location: Option<String>, value: &impl Serialize) -> Result<Self, ApiError> {
        let body = serde_json::to_string(value)
            .map_err(|error| ApiError::Internal(format!("an answer cannot be written: {error}")))?;
        Ok(Self {
            status: StatusCode::CREATED,
            location,
            body,
            replayed: false,
        })
    }
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        let json = [(header::CONTENT_TYPE, "application/json")];
        let mut response = (self.status, json, self.body).into_response();
        let headers = response.headers_mut();
        let location = self
            .location
            .and_then(|text| HeaderValue::try_from(text).ok());
        if let Some(location) = location {
            headers.insert(header::LOCATION, location);
        }
        if self.replayed {
            headers.insert(REPLAYED, HeaderValue::from_static("true"));
        }
        response
    }
}

/// The row of a key.
#[derive(sqlx::FromRow)]
pub(super) struct Kept {
    pub request_hash: String,
    status: i32,
    location: Option<String>,
    body: String,
}

impl Kept {
    pub fn into_answer(self) -> Result<Answer, ApiError> {
        let status = u16::try_from(self.status)
            .ok()
            .and_then(|status| StatusCode::from_u16(status).ok())
            .ok_or_else(|| ApiError::Internal("a kept answer has no status".into()))?;
        Ok(Answer {
            status,
            location: self.location,
            body: self.body,
            replayed: true,
        })
    }
}

/// A key in hand; its answer is kept with it. Nothing where the client gave no key.
#[derive(Debug)]
#[must_use]
pub struct Taken {
    user: UserId,
    key: Option<String>,
}

impl Taken {
    pub(super) fn nothing(user: UserId) -> Self {
        Self { user, key: None }
    }

    pub(super) fn new(user: UserId, key: String) -> Self {
        let key = Some(key);
        Self { user, key }
    }

    /// In the transaction in which the key was taken.
    pub async fn keep(self, work: &mut Work<'_>, answer: &Answer) -> Result<(), sqlx::Error> {
        let Some(key) = self.key else {
            return Ok(());
        };
        in_work!(work, connection => sqlx::query(KEEP)
            .bind(self.user)
            .bind(&key)
            .bind(i32::from(answer.status.as_u16()))
            .bind(&answer.location)
            .bind(&answer.body)
            .execute(connection)
            .await
            .map(drop))
    }
}
