//! The way to the collector. One connection that is kept, and a limit on every request; the runtime does the work, since whoever
//! sends is a thread outside of it.

use std::time::Duration;

use axum::http::{HeaderValue, Request, Uri, header};
use http_body_util::Full;
use tokio::runtime::Handle;

use crate::config::TracesSettings;
use crate::outward::{self, Client, OutwardError, why};

/// For one batch, connecting included.
const PATIENCE: Duration = Duration::from_secs(5);
const PROTOBUF: HeaderValue = HeaderValue::from_static("application/x-protobuf");

/// Why no collector can be asked.
#[derive(Debug, thiserror::Error)]
#[error("traces cannot be sent to their collector: {0}")]
pub struct CollectorError(#[from] OutwardError);

#[derive(Debug)]
pub struct Collector {
    client: Client,
    place: Uri,
    runtime: Handle,
}

impl Collector {
    /// Inside the runtime that will do the work.
    pub fn new(settings: &TracesSettings) -> Result<Self, CollectorError> {
        Ok(Self {
            client: outward::client(settings.authority.as_deref())?,
            place: settings.collector.clone(),
            runtime: Handle::current(),
        })
    }

    /// The error is told without the body that was sent, and without what the collector answered.
    pub async fn send(&self, spans: Vec<u8>) -> Result<(), String> {
        let mut request = Request::new(Full::from(spans));
        *request.method_mut() = axum::http::Method::POST;
        *request.uri_mut() = self.place.clone();
        request.headers_mut().insert(header::CONTENT_TYPE, PROTOBUF);
        let client = self.client.clone();
        let sending = async move {
            let answer = client.request(request).await.map_err(|error| why(&error))?;
            match answer.status() {
                status if status.is_success() => Ok(()),
                status => Err(format!("it answered {status}")),
            }
        };
        let limited = async move { tokio::time::timeout(PATIENCE, sending).await };
        match self.runtime.spawn(limited).await {
            Ok(Ok(sent)) => sent,
            Ok(Err(_elapsed)) => Err("it does not answer".into()),
            Err(error) => Err(error.to_string()),
        }
    }
}
