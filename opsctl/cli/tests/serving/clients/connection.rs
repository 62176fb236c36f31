//! A connection to the service, over TLS that is verified, and what is asked over it. Never asks twice: what fails, failed.

use std::sync::Arc;

use anyhow::{Context, Result};
use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::header::{AUTHORIZATION, CONNECTION, CONTENT_TYPE, HOST};
use hyper::{Request, StatusCode};
use hyper_util::rt::TokioIo;
use rustls::pki_types::{CertificateDer, ServerName, pem::PemObject};
use rustls::{ClientConfig, RootCertStore};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

/// One of the names that the certificates of local pods have.
const NAME: &str = "localhost";

/// Where a service runs.
pub trait Site: Send + Sync {
    /// A connection to a port of its node.
    ///
    /// # Errors
    /// When nobody listens there.
    fn connect(&self, port: u16) -> Result<std::net::TcpStream>;

    /// The certificate (PEM) of who vouches for its pods.
    fn authority(&self) -> Vec<u8>;
}

/// What is asked, as whom.
#[derive(Debug, Clone)]
pub struct Question {
    pub path: String,
    /// Where the client says that it is.
    pub address: String,
    pub token: Option<String>,
    /// Sent as JSON with POST.
    pub body: Option<String>,
}

/// Opens connections.
#[derive(Clone)]
pub struct Way {
    site: Arc<dyn Site>,
    port: u16,
    tls: TlsConnector,
}

impl Way {
    pub fn to(site: &Arc<dyn Site>, port: u16) -> Self {
        let mut roots = RootCertStore::empty();
        roots
            .add_parsable_certificates(CertificateDer::pem_slice_iter(&site.authority()).flatten());
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = ClientConfig::builder_with_provider(provider);
        let config = config.with_safe_default_protocol_versions().unwrap();
        let config = config.with_root_certificates(roots).with_no_client_auth();
        Self {
            site: Arc::clone(site),
            port,
            tls: TlsConnector::from(Arc::new(config)),
        }
    }

    pub async fn open(&self) -> Result<Open> {
        let (site, port) = (Arc::clone(&self.site), self.port);
        let stream = tokio::task::spawn_blocking(move || site.connect(port)).await?;
        let stream = stream.context("connect")?;
        stream.set_nonblocking(true)?;
        stream.set_nodelay(true)?;
        let stream = TcpStream::from_std(stream)?;
        let name = ServerName::try_from(NAME)?;
        let stream = self.tls.connect(name, stream).await.context("TLS")?;
        let (sender, connection) = handshake(TokioIo::new(stream)).await?;
        tokio::spawn(connection);
        Ok(Open(sender))
    }
}

/// An open connection.
pub struct Open(SendRequest<Full<Bytes>>);

/// What came back.
pub struct Answer {
    pub status: StatusCode,
    pub body: Bytes,
    /// Whether the service wants no more of this connection.
    pub last: bool,
}

impl Open {
    /// Whether it can still be used: one that rested may have been closed, which nobody notices.
    pub async fn rests(&mut self) -> bool {
        self.0.ready().await.is_ok()
    }

    pub async fn ask(&mut self, question: &Question) -> Result<Answer> {
        let mut request = Request::builder()
            .uri(&question.path)
            .header(HOST, NAME)
            .header("x-forwarded-for", &question.address);
        if let Some(token) = &question.token {
            request = request.header(AUTHORIZATION, format!("Bearer {token}"));
        }
        if question.body.is_some() {
            request = request
                .method("POST")
                .header(CONTENT_TYPE, "application/json");
        }
        let body = question.body.clone().unwrap_or_default();
        let answer = self.0.send_request(request.body(Full::from(body))?).await?;
        let last = answer
            .headers()
            .get(CONNECTION)
            .is_some_and(|it| it == "close");
        Ok(Answer {
            status: answer.status(),
            body: answer.into_body().collect().await?.to_bytes(),
            last,
        })
    }
}
