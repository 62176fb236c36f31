//! One line a request, when it has been answered: method, route, status, seconds; and the same as measurements. Opens the span
//! that puts request and user id on every other line of the request. Never logs a path's values, a query or a body: they are
//! the user's.

use std::time::Instant;

use axum::extract::{MatchedPath, Request};
use axum::http::{Method, StatusCode};
use tracing::{Span, field};
use uuid::fmt::Hyphenated;

use super::RequestId;
use crate::figures::Traffic;
use crate::telemetry::REQUEST;
use crate::telemetry::metrics::requests::{self, InFlight};
use crate::telemetry::traces;

/// What a request that no route answers is counted under.
const NO_ROUTE: &str = "none";

/// A request that is not answered yet.
pub struct Asked {
    began: Instant,
    method: Method,
    path: Option<MatchedPath>,
    in_flight: InFlight,
}

impl Asked {
    pub fn begin(request: &Request) -> Self {
        Self {
            began: Instant::now(),
            method: request.method().clone(),
            path: request.extensions().get::<MatchedPath>().cloned(),
            in_flight: requests::begun(),
        }
    }

    pub fn route(&self) -> &str {
        self.path.as_ref().map_or(NO_ROUTE, MatchedPath::as_str)
    }

    /// What all lines of the request are in: at every log level they carry its ids.
    pub fn span(&self, request: &Request, id: &RequestId) -> Span {
        let (request_id, user_id) = (&*id.0, field::Empty);
        let span = tracing::error_span!(target: REQUEST, "request", request_id, user_id,
            otel.name = field::Empty, otel.kind = field::Empty);
        traces::asked(&span, &self.method, self.route(), request.headers());
        span
    }

    /// The line and the measurements; inside of the span.
    pub fn answered(self, status: StatusCode, traffic: &Traffic) {
        drop(self.in_flight);
        let took = self.began.elapsed();
        let route = self.path.as_ref().map_or(NO_ROUTE, MatchedPath::as_str);
        requests::answered(&self.method, route, status, took);
        traffic.answered(route, took, status.is_server_error());
        traces::answered(status);
        let (method, duration) = (self.method.as_str(), took.as_secs_f64());
        let status_code = status.as_u16();
        if status.is_server_error() {
            tracing::warn!(target: REQUEST, method, route, status = status_code, duration, "answered");
        } else {
            tracing::info!(target: REQUEST, method, route, status = status_code, duration, "answered");
        }
    }
}

/// Puts the user on every later line of this request.
pub fn record_user(id: crate::database::UserId) {
    let mut text = [0; Hyphenated::LENGTH];
    let text: &str = id.0.hyphenated().encode_lower(&mut text);
    Span::current().record("user_id", text);
}
