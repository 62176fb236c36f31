//! One line a request, when it has been answered: method, route, status, seconds; and the same as measurements. Opens the span
//! that puts request and user id on every other line of the request. Never logs a path's values, a query or a body: they are
//! the user's.

use std::sync::Arc;
use std::time::Instant;

use axum::extract::{MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::Response;
use tracing::{Instrument, Span, field};

use super::RequestId;
use crate::figures::Traffic;
use crate::telemetry::REQUEST;
use crate::telemetry::metrics::requests;
use crate::telemetry::traces;

/// What a request that no route answers is counted under.
const NO_ROUTE: &str = "none";

/// The middleware.
pub async fn log(State(traffic): State<Arc<Traffic>>, request: Request, next: Next) -> Response {
    let began = Instant::now();
    let method = request.method().clone();
    let path = request.extensions().get::<MatchedPath>().cloned();
    let request_id = request.extensions().get::<RequestId>();
    let request_id = request_id.map(|id| id.0.as_str());
    let user_id = field::Empty;
    let route = path.as_ref().map_or(NO_ROUTE, MatchedPath::as_str);
    // At every log level the lines of a request carry its ids.
    let span = tracing::error_span!(target: REQUEST, "request", request_id, user_id,
        otel.name = field::Empty, otel.kind = field::Empty);
    traces::asked(&span, &method, route, request.headers());
    let in_flight = requests::begun();
    let response = next.run(request).instrument(span.clone()).await;
    drop(in_flight);

    let took = began.elapsed();
    let status = response.status();
    requests::answered(&method, route, status, took);
    traffic.answered(route, took, status.is_server_error());
    traces::answered(&span, status);
    let _inside = span.enter();
    let (method, duration) = (method.as_str(), took.as_secs_f64());
    let status_code = status.as_u16();
    if status.is_server_error() {
        tracing::warn!(target: REQUEST, method, route, status = status_code, duration, "answered");
    } else {
        tracing::info!(target: REQUEST, method, route, status = status_code, duration, "answered");
    }
    response
}

/// Puts the user on every later line of this request.
pub fn record_user(id: crate::database::UserId) {
    Span::current().record("user_id", field::display(id));
}
