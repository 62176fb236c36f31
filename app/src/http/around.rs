//! What stands around every request, outermost: its id, its span, its line in the log, its measurements, and the headers that
//! every answer carries; and, once the process leaves, that the next request should go elsewhere. One middleware for all of them: a layer costs more than most of what is done in it.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::header::CONNECTION;
use axum::http::{HeaderValue, Version};
use axum::middleware::Next;
use axum::response::Response;
use tokio::sync::watch;
use tracing::Instrument;

use super::all_failing::Streak;
use super::request_log::Asked;
use super::{RequestId, explain, request_id, security_headers};
use crate::config::HttpSettings;
use crate::figures::Traffic;

/// What it needs beside the request.
#[derive(Debug, Clone)]
pub struct Beside(Arc<Inside>);

#[derive(Debug)]
struct Inside {
    traffic: Arc<Traffic>,
    streak: Streak,
    /// Whether causes may be said.
    debug: bool,
    /// True once the process leaves.
    stopping: watch::Receiver<bool>,
}

impl Beside {
    pub fn new(
        traffic: Arc<Traffic>,
        settings: &HttpSettings,
        stopping: watch::Receiver<bool>,
    ) -> Self {
        Self(Arc::new(Inside {
            traffic,
            streak: Streak::default(),
            debug: settings.debug,
            stopping,
        }))
    }
}

/// The middleware.
pub async fn around(
    State(Beside(beside)): State<Beside>,
    mut request: Request,
    next: Next,
) -> Response {
    let id = RequestId::give(&mut request);
    let version = request.version();
    let asked = Asked::begin(&request);
    let span = asked.span(&request, &id);
    let work = async {
        let response = next.run(request).await;
        let status = response.status();
        beside.streak.answered(asked.route(), &response);
        asked.answered(status, &beside.traffic);
        response
    };
    let mut response = work.instrument(span).await;
    if beside.debug {
        response = explain::explain(response);
    }
    let headers = response.headers_mut();
    security_headers::secure(headers);
    if let Some(id) = id.header() {
        headers.insert(request_id::HEADER, id);
    }
    // A connection that goes on being used would be closed under a request. HTTP/2 has a frame for it, which hyper sends.
    if version < Version::HTTP_2 && *beside.stopping.borrow() {
        headers.insert(CONNECTION, HeaderValue::from_static("close"));
    }
    response
}
