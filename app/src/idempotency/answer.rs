//! An answer that is kept for whoever asks again.

use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use crate::http::{ApiError, Caching, Conditions, Encoded};

const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");

/// What a write is answered with.
#[derive(Debug)]
pub struct Answer {
    status: StatusCode,
    location: Option<String>,
    /// JSON; empty where there is nothing to say.
    body: String,
    replayed: bool,
}

impl Answer {
    /// 201, with where it is.
    pub fn created(location: Option<String>, value: &impl Serialize) -> Result<Self, ApiError> {
        let body = json(value)?;
        Ok(Self::new(StatusCode::CREATED, location, body))
    }

    /// 200, with what it is now.
    pub fn of(value: &impl Serialize) -> Result<Self, ApiError> {
        Ok(Self::new(StatusCode::OK, None, json(value)?))
    }

    /// 204.
    pub fn nothing() -> Self {
        Self::new(StatusCode::NO_CONTENT, None, String::new())
    }

    /// One that was given before.
    pub(super) fn again(status: StatusCode, location: Option<String>, body: String) -> Self {
        let replayed = true;
        Self {
            replayed,
            ..Self::new(status, location, body)
        }
    }

    fn new(status: StatusCode, location: Option<String>, body: String) -> Self {
        Self {
            status,
            location,
            body,
            replayed: false,
        }
    }

    pub(super) fn status(&self) -> StatusCode {
        self.status
    }

    pub(super) fn location(&self) -> Option<&str> {
        self.location.as_deref()
    }

    pub(super) fn body(&self) -> &str {
        &self.body
    }
}

fn json(value: &impl Serialize) -> Result<String, ApiError> {
    serde_json::to_string(value)
        .map_err(|error| ApiError::Internal(format!("an answer cannot be written: {error}")))
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        let mut response = match self.status {
            // With its tag, for the next change.
            StatusCode::OK => {
                let encoded = Encoded::from_body(self.body.into());
                Conditions::default().answer_encoded(&encoded, Caching::Revalidate)
            }
            StatusCode::NO_CONTENT => StatusCode::NO_CONTENT.into_response(),
            status => {
                let json = [(header::CONTENT_TYPE, "application/json")];
                (status, json, self.body).into_response()
            }
        };
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
