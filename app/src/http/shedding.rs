//! Turns requests away while there is no room for more: an answer at once that says when to come again is better than one that
//! comes when nobody waits for it any more.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use tokio::sync::Semaphore;

use super::ApiError;

/// Counted by whoever reads the measurements.
pub const SHED: &str = "http_requests_shed_total";

/// The middleware, with as many places as requests may be worked on at once. A write keeps its place when its client leaves.
pub async fn shed(State(places): State<Arc<Semaphore>>, request: Request, next: Next) -> Response {
    let Ok(_place) = places.try_acquire() else {
        metrics::counter!(SHED).increment(1);
        return ApiError::Overloaded.into_response();
    };
    next.run(request).await
}
