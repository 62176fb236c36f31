//! A webhook that says no, and says too much.

use std::convert::Infallible;
use std::sync::Arc;

use anyhow::Result;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use opsctl_core::workloads::Object;
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use serde_json::{Value, json};
use testkit::certificates::{Authority, Issued};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;

use crate::stage::Ground;

/// Where the API server reaches it: a port of the node.
const NODE: &str = "198.19.255.254";
const PORT: u16 = 9443;

/// Listens until it is dropped.
pub struct Webhook {
    authority: String,
    serving: JoinHandle<()>,
}

impl Webhook {
    pub async fn start(ground: &Ground) -> Result<Self> {
        let authority = Authority::new()?;
        let acceptor = acceptor(&authority.issue(&[NODE])?)?;
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        ground
            .lab
            .open_outwards(PORT, listener.local_addr()?.port())?;
        let serving = tokio::spawn(async move {
            while let Ok((connection, _)) = listener.accept().await {
                let acceptor = acceptor.clone();
                tokio::spawn(async move {
                    let tls = acceptor.accept(connection).await?;
                    let service = service_fn(answer);
                    let mut http = http1::Builder::new();
                    let served = http
                        .keep_alive(false)
                        .serve_connection(TokioIo::new(tls), service);
                    anyhow::Ok(served.await?)
                });
            }
        });
        Ok(Self {
            authority: authority.pem(),
            serving,
        })
    }

    /// What makes the API server ask it about new objects of a namespace.
    pub fn configuration(&self, namespace: &str, resource: &str) -> Object {
        Object(
            json!({"apiVersion": "admissionregistration.k8s.io/v1", "kind": "ValidatingWebhookConfiguration",
            "metadata": {"name": namespace}, "webhooks": [{
                "name": "no.example.org", "sideEffects": "None", "admissionReviewVersions": ["v1"],
                "clientConfig": {"url": format!("https://{NODE}:{PORT}/"), "caBundle": STANDARD.encode(&self.authority)},
                "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": namespace}},
                "rules": [{"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": [resource]}]}]}),
        )
    }
}

impl Drop for Webhook {
    fn drop(&mut self) {
        self.serving.abort();
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
