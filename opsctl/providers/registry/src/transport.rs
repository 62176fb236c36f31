//! The way there: kept connections, encrypted by those whom the machine trusts.

use std::sync::OnceLock;
use std::time::Duration;

use http_body_util::{BodyExt, Full, Limited};
use hyper::Request;
use hyper::body::Bytes;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use rustls::{ClientConfig, RootCertStore};

use crate::question::Answer;

/// Until somebody answers the door.
const CONNECT: Duration = Duration::from_secs(10);
/// For a question and its answer, whatever they weigh.
const LEAST: Duration = Duration::from_secs(60);
/// What a slow line carries in a second.
const SLOWEST: usize = 64 << 10;

type Connections = Client<HttpsConnector<HttpConnector>, Full<Bytes>>;

/// Made at the first question: most commands ask no registry.
#[derive(Debug, Default)]
pub struct Transport(OnceLock<Connections>);

impl Transport {
    /// Sends a request and reads the answer to its end.
    ///
    /// # Errors
    /// In words, when nothing or too much came back.
    pub async fn send(
        &self,
        request: Request<Full<Bytes>>,
        sent: usize,
        longest: usize,
    ) -> Result<Answer, String> {
        let connections = self.connections()?;
        let limit = LEAST + Duration::from_secs((sent.max(longest) / SLOWEST) as u64);
        let asking = async {
            let answer = connections.request(request).await;
            let answer = answer.map_err(|error| all_of(&error))?;
            let (parts, body) = answer.into_parts();
            let body = Limited::new(body, longest).collect().await;
            let body = body.map_err(|error| all_of(error.as_ref()))?.to_bytes();
            Ok(Answer {
                status: parts.status,
                headers: parts.headers,
                body,
            })
        };
        let in_time = tokio::time::timeout(limit, asking).await;
        in_time.unwrap_or_else(|_| Err(format!("no answer within {} s", limit.as_secs())))
    }

    fn connections(&self) -> Result<&Connections, String> {
        if let Some(made) = self.0.get() {
            return Ok(made);
        }
        let made = connections()?;
        Ok(self.0.get_or_init(|| made))
    }
}

fn connections() -> Result<Connections, String> {
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
    connector.set_connect_timeout(Some(CONNECT));
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
