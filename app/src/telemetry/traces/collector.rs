//! The way to the collector. One connection that is kept, and a limit on every request; the runtime does the work, since whoever
//! sends is a thread outside of it.

use std::path::PathBuf;
use std::time::Duration;

use axum::body::Bytes;
use axum::http::{HeaderValue, Request, Uri, header};
use http_body_util::Full;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use tokio::runtime::Handle;

use crate::config::TracesSettings;

/// For one batch, connecting included.
const PATIENCE: Duration = Duration::from_secs(5);
const PROTOBUF: HeaderValue = HeaderValue::from_static("application/x-protobuf");

/// Why no collector can be asked.
#[derive(Debug, thiserror::Error)]
pub enum CollectorError {
    #[error("the authority of the collector of traces cannot be read from {}: {why}", path.display())]
    Authority { path: PathBuf, why: String },
    #[error("no way to the collector of traces can be encrypted: {0}")]
    Tls(#[from] rustls::Error),
}

#[derive(Debug)]
pub struct Collector {
    client: Client<HttpsConnector<HttpConnector>, Full<Bytes>>,
    place: Uri,
    runtime: Handle,
}

impl Collector {
    /// Inside the runtime that will do the work.
    pub fn new(settings: &TracesSettings) -> Result<Self, CollectorError> {
        let connector = HttpsConnectorBuilder::new()
            .with_tls_config(tls(settings)?)
            .https_or_http()
            .enable_http1()
            .build();
        Ok(Self {
            client: Client::builder(TokioExecutor::new()).build(connector),
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

fn tls(settings: &TracesSettings) -> Result<ClientConfig, CollectorError> {
    let mut known = RootCertStore::empty();
    // A certificate of the machine that cannot be read vouches for nobody.
    known.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if let Some(path) = &settings.authority {
        let unreadable = |why: String| CollectorError::Authority {
            path: path.clone(),
            why,
        };
        let pem = std::fs::read(path).map_err(|error| unreadable(error.to_string()))?;
        for certificate in CertificateDer::pem_slice_iter(&pem) {
            let certificate = certificate.map_err(|error| unreadable(error.to_string()))?;
            known.add(certificate)?;
        }
    }
    let provider = rustls::crypto::aws_lc_rs::default_provider();
    let config = ClientConfig::builder_with_provider(provider.into())
        .with_safe_default_protocol_versions()?
        .with_root_certificates(known);
    Ok(config.with_no_client_auth())
}

fn why(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}
