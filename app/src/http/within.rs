//! What stands around the work on a request: its time limit, and that neither a panic nor a client who leaves does any harm. One
//! middleware for all of them, as in `around`.

use std::panic::AssertUnwindSafe;

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use futures::FutureExt;

use super::{detach, fallback, patience};

/// The middleware. Nothing of a request is used again after it panicked.
pub async fn within(request: Request, next: Next) -> Response {
    let (request, rest) = patience::with_impatient_body(request);
    let answer = patience::limit_time(rest, detach::detach(request, next));
    let answer = AssertUnwindSafe(answer).catch_unwind().await;
    answer.unwrap_or_else(fallback::panicked)
}
