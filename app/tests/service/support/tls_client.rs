//! A client that speaks TLS and looks at the certificate.

use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::{Context, Result};
use http_body_util::{BodyExt, Empty};
use hyper::body::Bytes;
use hyper::client::conn::{http1, http2};
use hyper::{Request, StatusCode};
use hyper_util::rt::{TokioExecutor, TokioIo};
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ProtocolVersion, RootCertStore, SupportedProtocolVersion};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    Http1,
    Http2,
}

/// Trusts one authority.
#[derive(Clone)]
pub struct TlsClient {
    address: SocketAddr,
    roots: Arc<RootCertStore>,
}

/// An open connection.
pub struct TlsConnection {
    sender: Sender,
    pub certificate: CertificateDer<'static>,
    pub version: ProtocolVersion,
}

enum Sender {
    Http1(http1::SendRequest<Empty<Bytes>>),
    Http2(http2::SendRequest<Empty<Bytes>>),
}

impl TlsClient {
    pub fn new(address: SocketAddr, authority: &str) -> Result<Self> {
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_slice(authority.as_bytes())?)?;
        Ok(Self {
            address,
            roots: Arc::new(roots),
        })
    }

    /// With the newest version.
    pub async fn connect(&self, protocol: Protocol) -> Result<TlsConnection> {
        self.connect_with(protocol, &rustls::version::TLS13).await
    }

    pub async fn connect_with(
        &self,
        protocol: Protocol,
        version: &'static SupportedProtocolVersion,
    ) -> Result<TlsConnection> {
        let provider = Arc::new(aws_lc_rs::default_provider());
        let mut config = ClientConfig::builder_with_provider(provider)
            .with_protocol_versions(&[version])?
            .with_root_certificates(Arc::clone(&self.roots))
            .with_no_client_auth();
        config.alpn_protocols = vec![match protocol {
            Protocol::Http1 => b"http/1.1".to_vec(),
            Protocol::Http2 => b"h2".to_vec(),
        }];
        let tcp = TcpStream::connect(self.address).await?;
        let name = ServerName::try_from("localhost")?;
        let stream = TlsConnector::from(Arc::new(config))
            .connect(name, tcp)
            .await?;
        let (_, session) = stream.get_ref();
        anyhow::ensure!(
            session.alpn_protocol().is_some(),
            "no protocol was agreed on"
        );
        let certificates = session.peer_certificates().context("no certificate")?;
        let certificate = certificates.first().context("no certificate")?.clone();
        let version = session.protocol_version().context("no version")?;
        Ok(TlsConnection {
            sender: Sender::over(TokioIo::new(stream), protocol).await?,
            certificate: certificate.into_owned(),
            version,
        })
    }
}

type Io = TokioIo<tokio_rustls::client::TlsStream<TcpStream>>;

impl Sender {
    async fn over(io: Io, protocol: Protocol) -> Result<Self> {
        Ok(match protocol {
            Protocol::Http1 => {
                let (sender, connection) = http1::handshake(io).await?;
                tokio::spawn(connection);
                Self::Http1(sender)
            }
            Protocol::Http2 => {
                let (sender, connection) = http2::handshake(TokioExecutor::new(), io).await?;
                tokio::spawn(connection);
                Self::Http2(sender)
            }
        })
    }
}

impl TlsConnection {
    /// Asks on this very connection.
    pub async fn get(&mut self, path: &str) -> Result<StatusCode> {
        let request = Request::get(format!("https://localhost{path}"));
        let response = match &mut self.sender {
            Sender::Http1(sender) => {
                let request = request.header("host", "localhost").body(Empty::new())?;
                sender.ready().await?;
                sender.send_request(request).await?
            }
            // It has the name in its address, and a second one is an error.
            Sender::Http2(sender) => {
                sender.ready().await?;
                sender.send_request(request.body(Empty::new())?).await?
            }
        };
        let status = response.status();
        response.into_body().collect().await?;
        Ok(status)
    }
}
