//! Whom the API server asks over HTTPS: a question in JSON, an answer in JSON.

use std::convert::Infallible;
use std::net::TcpListener;
use std::sync::Arc;
use std::thread::{self, JoinHandle};

use anyhow::Result;
use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use serde_json::Value;
use tokio::sync::oneshot;
use tokio_rustls::TlsAcceptor;

/// What is answered.
pub type Judge = Arc<dyn Fn(&Value) -> Value + Send + Sync>;

/// Answers until it is dropped.
#[derive(Debug)]
pub struct Served {
    over: Option<oneshot::Sender<()>>,
    serving: Option<JoinHandle<()>>,
}

impl Served {
    /// With that certificate and key, as PEM.
    pub fn start(
        listener: TcpListener,
        [certificate, key]: [&str; 2],
        judge: Judge,
    ) -> Result<Self> {
        let acceptor = acceptor(certificate, key)?;
        listener.set_nonblocking(true)?;
        let (over, until) = oneshot::channel();
        let mut runtime = tokio::runtime::Builder::new_current_thread();
        let runtime = runtime.enable_all().build()?;
        let serving = thread::spawn(move || {
            runtime.block_on(async {
                tokio::select! {
                    _ = until => {}
                    _ = serve(listener, acceptor, judge) => {}
                }
            });
        });
        Ok(Self {
            over: Some(over),
            serving: Some(serving),
        })
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        drop(self.over.take());
        if let Some(serving) = self.serving.take() {
            let _ended = serving.join();
        }
    }
}

fn acceptor(certificate: &str, key: &str) -> Result<TlsAcceptor> {
    let certificate = CertificateDer::from_pem_slice(certificate.as_bytes())?;
    let key = PrivateKeyDer::from_pem_slice(key.as_bytes())?;
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)?;
    Ok(TlsAcceptor::from(Arc::new(config)))
}

async fn serve(listener: TcpListener, acceptor: TlsAcceptor, judge: Judge) -> Result<()> {
    let listener = tokio::net::TcpListener::from_std(listener)?;
    loop {
        let (connection, _) = listener.accept().await?;
        let (acceptor, judge) = (acceptor.clone(), Arc::clone(&judge));
        tokio::spawn(async move {
            let tls = acceptor.accept(connection).await?;
            let mut http = http1::Builder::new();
            let service = service_fn(move |request| answer(request, Arc::clone(&judge)));
            let served = http
                .keep_alive(false)
                .serve_connection(TokioIo::new(tls), service);
            anyhow::Ok(served.await?)
        });
    }
}

async fn answer(
    request: Request<Incoming>,
    judge: Judge,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let body = request.into_body().collect().await;
    let body = body.map(|body| body.to_bytes()).unwrap_or_default();
    let asked: Value = serde_json::from_slice(&body).unwrap_or_default();
    Ok(Response::new(Full::from(judge(&asked).to_string())))
}
