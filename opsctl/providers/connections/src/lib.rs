//! The way out over HTTP that providers share: kept connections, encrypted by those whom the machine trusts.
//!
//! Owns who is trusted, and asking once. Never follows a redirect, never asks again, never judges an answer, never repeats an address.

use std::time::Duration;

use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Bytes;
use hyper::{Request, Response};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use rustls::{ClientConfig, RootCertStore};

/// Connections, kept while they are used.
pub type Connections = Client<HttpsConnector<HttpConnector>, Full<Bytes>>;

/// Whom this machine trusts.
#[must_use]
pub fn trusted() -> RootCertStore {
    let mut trusted = RootCertStore::empty();
    // A certificate of the machine that can't be read vouches for nobody.
    trusted.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    trusted
}

/// Connections that nobody uses yet. `patience` is for opening one; without it whoever asks sets the limit.
///
/// # Errors
/// When there is no TLS on this machine.
pub fn connections(
    trusted: RootCertStore,
    patience: Option<Duration>,
) -> Result<Connections, rustls::Error> {
    let provider = rustls::crypto::aws_lc_rs::default_provider();
    let tls = ClientConfig::builder_with_provider(provider.into())
        .with_safe_default_protocol_versions()?
        .with_root_certificates(trusted)
        .with_no_client_auth();
    let mut connector = HttpConnector::new();
    connector.enforce_http(false);
    connector.set_connect_timeout(patience);
    connector.set_nodelay(true);
    let connector = HttpsConnectorBuilder::new()
        .with_tls_config(tls)
        .https_or_http()
        .enable_http1()
        .wrap_connector(connector);
    Ok(Client::builder(TokioExecutor::new())
        .pool_timer(TokioTimer::new())
        .build(connector))
}

/// Sends a request and reads its answer to the end: so many bytes, in so much time.
///
/// # Errors
/// In words, when nothing or too much came back.
pub async fn ask(
    connections: &Connections,
    request: Request<Full<Bytes>>,
    longest: usize,
    within: Duration,
) -> Result<Response<Bytes>, String> {
    let asking = async {
        let answer = connections.request(request).await;
        let (parts, body) = answer.map_err(|error| all_of(&error))?.into_parts();
        let body = Limited::new(body, longest).collect().await;
        let body = body.map_err(|error| all_of(error.as_ref()))?.to_bytes();
        Ok(Response::from_parts(parts, body))
    };
    let in_time = tokio::time::timeout(within, asking).await;
    in_time.unwrap_or_else(|_| Err(format!("no answer within {} s", within.as_secs())))
}

/// An error with all that lies below it.
fn all_of(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(&format!(": {error}"));
        cause = error.source();
    }
    text
}
