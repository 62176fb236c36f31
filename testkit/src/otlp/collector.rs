//! The collector over HTTP, in the clear or over TLS.

use std::{
    convert::Infallible,
    net::SocketAddr,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use anyhow::{Context, Result};
use http_body_util::{BodyExt, Full};
use hyper::{
    Method, Request, Response, StatusCode,
    body::{Bytes, Incoming},
    rt::{Read, Write},
    server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::TokioIo;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use prost::Message;
use rustls::{
    ServerConfig,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
};
use tokio::{net::TcpListener, task::JoinHandle};
use tokio_rustls::TlsAcceptor;

use super::Span;
use crate::certificates::Issued;

/// Listens until it is dropped.
#[derive(Debug)]
pub struct Collector {
    address: SocketAddr,
    encrypted: bool,
    shared: Arc<Shared>,
    serving: JoinHandle<()>,
}

#[derive(Debug, Default)]
struct Shared {
    spans: Mutex<Vec<Span>>,
    hangs: AtomicBool,
    asked: AtomicBool,
}

impl Collector {
    /// On a port of its own, in the clear.
    ///
    /// # Errors
    /// When no port can be had.
    pub async fn start() -> Result<Self> {
        Self::listen(None).await
    }

    /// Over TLS.
    ///
    /// # Errors
    /// When the certificate can't be used or no port can be had.
    pub async fn start_encrypted(certificate: &Issued) -> Result<Self> {
        Self::listen(Some(acceptor(certificate)?)).await
    }

    async fn listen(tls: Option<TlsAcceptor>) -> Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let (address, encrypted) = (listener.local_addr()?, tls.is_some());
        let shared = Arc::<Shared>::default();
        let serving = tokio::spawn(serve(listener, tls, Arc::clone(&shared)));
        Ok(Self {
            address,
            encrypted,
            shared,
            serving,
        })
    }

    /// For `OTEL_EXPORTER_OTLP_ENDPOINT`.
    #[must_use]
    pub fn url(&self) -> String {
        match self.encrypted {
            true => format!("https://localhost:{}", self.address.port()),
            false => format!("http://{}", self.address),
        }
    }

    /// Takes what comes and answers nothing, from now on or no longer.
    pub fn hang(&self, hangs: bool) {
        self.shared.hangs.store(hangs, Ordering::SeqCst);
    }

    /// Whether anybody sent anything yet.
    #[must_use]
    pub fn was_asked(&self) -> bool {
        self.shared.asked.load(Ordering::SeqCst)
    }

    /// What it was given so far, in that order.
    #[must_use]
    pub fn spans(&self) -> Vec<Span> {
        let spans = self.shared.spans.lock();
        spans.unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for Collector {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

fn acceptor(certificate: &Issued) -> Result<TlsAcceptor> {
    let chain = CertificateDer::pem_slice_iter(certificate.certificate.as_bytes());
    let chain = chain.collect::<Result<Vec<_>, _>>()?;
    let key = PrivateKeyDer::from_pem_slice(certificate.key.as_bytes())?;
    let provider = rustls::crypto::aws_lc_rs::default_provider();
    let config = ServerConfig::builder_with_provider(provider.into())
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .context("use the certificate")?;
    Ok(TlsAcceptor::from(Arc::new(config)))
}

async fn serve(listener: TcpListener, tls: Option<TlsAcceptor>, shared: Arc<Shared>) {
    while let Ok((tcp, _)) = listener.accept().await {
        let (shared, tls) = (Arc::clone(&shared), tls.clone());
        tokio::spawn(async move {
            match tls {
                None => talk(TokioIo::new(tcp), shared).await,
                // A client that does not trust the certificate hangs up.
                Some(tls) => {
                    if let Ok(stream) = tls.accept(tcp).await {
                        talk(TokioIo::new(stream), shared).await;
                    }
                }
            }
        });
    }
}

async fn talk(stream: impl Read + Write + Unpin, shared: Arc<Shared>) {
    let service = service_fn(move |request| respond(request, Arc::clone(&shared)));
    let connection = http1::Builder::new().serve_connection(stream, service);
    // A client that goes away in the middle is its own affair.
    let _ended = connection.await;
}

async fn respond(
    request: Request<Incoming>,
    shared: Arc<Shared>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    shared.asked.store(true, Ordering::SeqCst);
    if shared.hangs.load(Ordering::SeqCst) {
        std::future::pending::<()>().await;
    }
    let mut response = Response::new(Full::default());
    match understood(request).await {
        Some(spans) => {
            let mut kept = shared.spans.lock().unwrap_or_else(PoisonError::into_inner);
            kept.extend(spans);
        }
        None => *response.status_mut() = StatusCode::BAD_REQUEST,
    }
    Ok(response)
}

async fn understood(request: Request<Incoming>) -> Option<Vec<Span>> {
    let protobuf = request.headers().get("content-type")? == "application/x-protobuf";
    let asked = request.method() == Method::POST && request.uri().path() == "/v1/traces";
    let body = request.into_body().collect().await.ok()?.to_bytes();
    let read = ExportTraceServiceRequest::decode(body).ok()?;
    (protobuf && asked).then(|| Span::all_of(read))
}
