//! Lets a write finish when its client has left: dropped half-way, it could be committed by the database after this process
//! believed it over, and be missed by who waits for the writes in flight.

use std::time::Duration;

use axum::extract::Request;
use axum::http::Method;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use tracing::Instrument;

use super::{ApiError, fallback};

/// Longer than any statement is allowed to take: a write that lasts longer has lost its database, and must not keep who waits
/// for it from going on without that database.
const GIVE_UP: Duration = Duration::from_secs(45);

/// The answer of everything inside. A panic of a write comes out as an ordinary failure.
pub async fn detach(request: Request, next: Next) -> Response {
    if matches!(
        *request.method(),
        Method::GET | Method::HEAD | Method::OPTIONS
    ) {
        return next.run(request).await;
    }
    let work = tokio::time::timeout(GIVE_UP, next.run(request)).in_current_span();
    match tokio::spawn(work).await {
        Ok(Ok(response)) => response,
        Ok(Err(_)) => ApiError::TookTooLong.into_response(),
        Err(error) => match error.try_into_panic() {
            Ok(cause) => fallback::panicked(cause),
            Err(error) => ApiError::Internal(error.to_string()).into_response(),
        },
    }
}
