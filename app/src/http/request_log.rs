//! One line a request, when it has been answered: method, route, status, seconds. Opens the span that puts request and user id
//! on every other line of the request. Never logs a path's values, a query or a body: they are the user's.

use std::time::Instant;

use axum::extract::{MatchedPath, Request};
use axum::middleware::Next;
use axum::response::Response;
use tracing::{Instrument, Span, field};

use super::RequestId;

/// The middleware.
pub async fn log(request: Request, next: Next) -> Response {
    let began = Instant::now();
    let method = request.method().clone();
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map(|path| path.as_str().to_owned());
    let request_id = request
        .extensions()
        .get::<RequestId>()
        .map(|id| id.0.clone());
    let user_id = field::Empty;
    // An error's span: at every log level the lines of a request carry its ids.
    let span = tracing::error_span!("request", request_id, user_id);
    let response = next.run(request).instrument(span.clone()).await;
    let _inside = span.enter();
    let status = response.status();
    let (method, route) = (method.as_str(), route.as_deref().unwrap_or("none"));
    let duration = began.elapsed().as_secs_f64();
    if status.is_server_error() {
        tracing::warn!(
            method,
            route,
            status = status.as_u16(),
            duration,
            "answered"
        );
    } else {
        tracing::info!(
            method,
            route,
            status = status.as_u16(),
            duration,
            "answered"
        );
    }
    response
}

/// Puts the user on every later line of this request.
pub fn record_user(id: crate::database::UserId) {
    Span::current().record("user_id", field::display(id));
}
