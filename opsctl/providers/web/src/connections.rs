//! The way there: encrypted by those whom the machine trusts. Nobody is followed elsewhere.

use std::time::Duration;

use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Bytes;
use hyper::header::{CONTENT_TYPE, USER_AGENT};
use hyper::{Method, Request, StatusCode};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use rustls::{ClientConfig, RootCertStore};

/// Connections, kept while they are used.
#[derive(Debug, Clone)]
pub struct Connections(Client<HttpsConnector<HttpConnector>, Full<Bytes>>);

/// What is sent.
pub struct Post<'a> {
    /// Whereto; never repeated in an error.
    pub address: &'a str,
    /// What it is.
    pub content_type: &'static str,
    /// It.
    pub body: Vec<u8>,
    /// How long it may take.
    pub within: Duration,
    /// The longest answer that is read.
    pub longest: usize,
}

impl Connections {
    /// Connections that nobody uses yet.
    ///
    /// # Errors
    /// In words, when there is no TLS on this machine.
    pub fn new() -> Result<Self, String> {
        let mut trusted = RootCertStore::empty();
        // A certificate of the machine that can't be read vouches for nobody.
        trusted.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        let provider = rustls::crypto::aws_lc_rs::default_provider();
        let tls = ClientConfig::builder_with_provider(provider.into())
            .with_safe_default_protocol_versions()
            .map_err(|error| error.to_string())?
            .with_root_certificates(trusted)
            .with_no_client_auth();
        let mut connector = HttpConnector::new();
        connector.enforce_http(false);
        connector.set_nodelay(true);
        let connector = HttpsConnectorBuilder::new()
            .with_tls_config(tls)
            .https_or_http()
            .enable_http1()
            .wrap_connector(connector);
        let client = Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .build(connector);
        Ok(Self(client))
    }

    /// Sends, and reads the answer to its end.
    ///
    /// # Errors
    /// In words, when nothing or too much came back.
    pub async fn post(&self, post: Post<'_>) -> Result<(StatusCode, Bytes), String> {
        let request = Request::builder()
            .method(Method::POST)
            .uri(post.address)
            .header(CONTENT_TYPE, post.content_type)
            .header(USER_AGENT, concat!("opsctl/", env!("CARGO_PKG_VERSION")))
            .body(Full::new(Bytes::from(post.body)))
            // Its own words would repeat the address.
            .map_err(|_| "the address is none".to_owned())?;
        let asking = async {
            let answer = self.0.request(request).await;
            let (parts, body) = answer.map_err(|error| all_of(&error))?.into_parts();
            let body = Limited::new(body, post.longest).collect().await;
            let body = body.map_err(|error| all_of(error.as_ref()))?.to_bytes();
            Ok((parts.status, body))
        };
        let in_time = tokio::time::timeout(post.within, asking).await;
        in_time.unwrap_or_else(|_| Err(format!("no answer within {} s", post.within.as_secs())))
    }
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
