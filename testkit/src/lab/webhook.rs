//! An admission webhook that says no to everything, and says too much: it repeats what it was asked.

use std::convert::Infallible;
use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicU16, Ordering};
use std::thread::{self, JoinHandle};

use anyhow::Result;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use serde_json::{Value, json};
use tokio::sync::oneshot;
use tokio_rustls::TlsAcceptor;

use super::cluster::Lab;
use crate::certificates::{Authority, Issued};

/// Where the API server reaches it: a port of the node, the next one for the next webhook.
static NEXT: AtomicU16 = AtomicU16::new(9443);

/// Listens until it is dropped.
#[derive(Debug)]
pub struct Webhook {
    port: u16,
    authority: String,
    over: Option<oneshot::Sender<()>>,
    serving: Option<JoinHandle<()>>,
}

impl Webhook {
    /// On this machine, for the API server of a lab.
    ///
    /// # Errors
    /// When there is no port for it.
    pub fn start(lab: &Lab) -> Result<Self> {
        let authority = Authority::new()?;
        let acceptor = acceptor(&authority.issue(&[Lab::NODE])?)?;
        let listener = TcpListener::bind(("127.0.0.1", 0))?;
        listener.set_nonblocking(true)?;
        let port = NEXT.fetch_add(1, Ordering::Relaxed);
        lab.open_outwards(port, listener.local_addr()?.port())?;
        let (over, until) = oneshot::channel();
        let mut runtime = tokio::runtime::Builder::new_current_thread();
        let runtime = runtime.enable_all().build()?;
        let serving = thread::spawn(move || {
            runtime.block_on(async {
                tokio::select! {
                    _ = until => {}
                    _ = serve(listener, acceptor) => {}
                }
            });
        });
        Ok(Self {
            port,
            authority: authority.pem(),
            over: Some(over),
            serving: Some(serving),
        })
    }

    /// What makes the API server ask it about new objects of a namespace.
    #[must_use]
    pub fn configuration(&self, namespace: &str, resource: &str) -> Value {
        let authority = STANDARD.encode(&self.authority);
        let url = format!("https://{}:{}/", Lab::NODE, self.port);
        json!({"apiVersion": "admissionregistration.k8s.io/v1", "kind": "ValidatingWebhookConfiguration",
            "metadata": {"name": namespace}, "webhooks": [{
                "name": "no.example.org", "sideEffects": "None", "admissionReviewVersions": ["v1"],
                "clientConfig": {"url": url, "caBundle": authority},
                "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": namespace}},
                "rules": [{"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": [resource]}]}]})
    }
}

impl Drop for Webhook {
    fn drop(&mut self) {
        drop(self.over.take());
        if let Some(serving) = self.serving.take() {
            let _ended = serving.join();
        }
    }
}

fn acceptor(issued: &Issued) -> Result<TlsAcceptor> {
    let certificate = CertificateDer::from_pem_slice(issued.certificate.as_bytes())?;
    let key = PrivateKeyDer::from_pem_slice(issued.key.as_bytes())?;
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)?;
    Ok(TlsAcceptor::from(Arc::new(config)))
}

async fn serve(listener: TcpListener, acceptor: TlsAcceptor) -> Result<()> {
    let listener = tokio::net::TcpListener::from_std(listener)?;
    loop {
        let (connection, _) = listener.accept().await?;
        let acceptor = acceptor.clone();
        tokio::spawn(async move {
            let tls = acceptor.accept(connection).await?;
            let mut http = http1::Builder::new();
            let served = http
                .keep_alive(false)
                .serve_connection(TokioIo::new(tls), service_fn(answer));
            anyhow::Ok(served.await?)
        });
    }
}

async fn answer(request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    let body = request.into_body().collect().await;
    let body = body.map(|body| body.to_bytes()).unwrap_or_default();
    let review: Value = serde_json::from_slice(&body).unwrap_or_default();
    let asked = &review["request"];
    let message = format!("not today: {}", asked["object"]["data"]);
    let answer = json!({"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview",
        "response": {"uid": asked["uid"], "allowed": false, "status": {"message": message}}});
    Ok(Response::new(Full::from(answer.to_string())))
}
