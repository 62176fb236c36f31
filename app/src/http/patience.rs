//! How long a request may take: all of it, and between two pieces of its body. Who sends a body byte by byte is not waited for.

use std::time::Duration;

use axum::body::Body;
use axum::extract::Request;
use axum::http::StatusCode;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use hyper::body::Body as _;
use tower_http::timeout::{TimeoutBody, TimeoutError};

use super::{ApiError, fallback};

/// For everything that a request does, reading its body included.
const TIME_LIMIT: Duration = Duration::from_secs(30);
/// Between two pieces of a body.
const SILENCE: Duration = Duration::from_secs(10);

/// The middleware.
pub async fn limit_time(request: Request, next: Next) -> Response {
    let request = match request.body().is_end_stream() {
        true => request,
        false => request.map(|body| Body::new(TimeoutBody::new(SILENCE, body))),
    };
    match tokio::time::timeout(TIME_LIMIT, next.run(request)).await {
        Ok(response) => response,
        Err(_) => fallback::too_slow().into_response(),
    }
}

/// What is said where a body could not be read to its end.
pub fn broken_off(error: &(dyn std::error::Error + 'static)) -> ApiError {
    let mut cause = Some(error);
    while let Some(error) = cause {
        if error.is::<TimeoutError>() {
            return fallback::too_slow();
        }
        cause = error.source();
    }
    ApiError::refused(
        StatusCode::BAD_REQUEST,
        "invalid_body",
        "The body could not be read",
    )
}
