//! The endpoint over HTTP.

use std::{
    convert::Infallible,
    net::SocketAddr,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};

use anyhow::Result;
use http_body_util::{BodyExt, Full};
use hyper::{
    Request, Response, StatusCode,
    body::{Bytes, Incoming},
    server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::{net::TcpListener, task::JoinHandle};

use super::held::{Held, Refusal};

/// Listens until it is dropped.
#[derive(Debug)]
pub struct SecretsManager {
    address: SocketAddr,
    shared: Arc<Shared>,
    serving: JoinHandle<()>,
}

#[derive(Debug, Default)]
struct Shared {
    held: Mutex<Held>,
    away: AtomicBool,
    values_read: AtomicUsize,
}

impl SecretsManager {
    /// On a port of its own, without any secret.
    ///
    /// # Errors
    /// When no port can be had.
    pub async fn start() -> Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?;
        let shared = Arc::<Shared>::default();
        let serving = tokio::spawn(serve(listener, Arc::clone(&shared)));
        Ok(Self {
            address,
            shared,
            serving,
        })
    }

    /// For `AWS_ENDPOINT_URL_SECRETS_MANAGER`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// A new current version.
    pub fn put(&self, name: &str, value: &Value) {
        self.held().put(name, "AWSCURRENT", &value.to_string());
    }

    /// A new pending version, which may be anything.
    pub fn put_pending(&self, name: &str, text: &str) {
        self.held().put(name, "AWSPENDING", text);
    }

    /// Makes the pending version the current one.
    pub fn promote(&self, name: &str) {
        self.held().promote(name);
    }

    /// The version in a stage.
    #[must_use]
    pub fn version(&self, name: &str, stage: &str) -> Option<String> {
        self.held().version(name, stage)
    }

    /// Fails every request from now on, or no longer.
    pub fn be_away(&self, away: bool) {
        self.shared.away.store(away, Ordering::SeqCst);
    }

    /// How many values were given out.
    #[must_use]
    pub fn values_read(&self) -> usize {
        self.shared.values_read.load(Ordering::SeqCst)
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.shared.held()
    }
}

impl Drop for SecretsManager {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

impl Shared {
    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn answer(&self, action: &str, request: &Value) -> Result<Value, Refusal> {
        let answer = self.held().answer(action, request)?;
        if answer.get("SecretString").is_some() {
            self.values_read.fetch_add(1, Ordering::SeqCst);
        }
        Ok(answer)
    }
}

async fn serve(listener: TcpListener, shared: Arc<Shared>) {
    while let Ok((tcp, _)) = listener.accept().await {
        let shared = Arc::clone(&shared);
        tokio::spawn(async move {
            let service = service_fn(move |request| respond(request, Arc::clone(&shared)));
            let connection = http1::Builder::new().serve_connection(TokioIo::new(tcp), service);
            // A client that goes away in the middle is its own affair.
            let _ended = connection.await;
        });
    }
}

async fn respond(
    request: Request<Incoming>,
    shared: Arc<Shared>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    if shared.away.load(Ordering::SeqCst) {
        return Ok(said(StatusCode::SERVICE_UNAVAILABLE, &json!({})));
    }
    Ok(match understood(request).await {
        Ok((action, request)) => match shared.answer(&action, &request) {
            Ok(answer) => said(StatusCode::OK, &answer),
            Err(refusal) => refused(&refusal),
        },
        Err(refusal) => refused(&refusal),
    })
}

async fn understood(request: Request<Incoming>) -> Result<(String, Value), Refusal> {
    let header = |name: &str| {
        let value = request.headers().get(name);
        value.and_then(|value| value.to_str().ok()).unwrap_or("")
    };
    if !header("authorization").starts_with("AWS4-HMAC-SHA256 Credential=")
        || !header("authorization").contains("/secretsmanager/aws4_request")
    {
        let what = "the request is not signed for this service";
        return Err(("MissingAuthenticationTokenException", what.to_owned()));
    }
    if header("content-type") != "application/x-amz-json-1.1" {
        return Err(("SerializationException", "not JSON 1.1".to_owned()));
    }
    let target = header("x-amz-target").strip_prefix("secretsmanager.");
    let action = target.unwrap_or("none").to_owned();
    let unread = |_| ("SerializationException", "not JSON".to_owned());
    let body = request.into_body().collect().await;
    let body = body.map_err(|_| ("SerializationException", "no body".to_owned()))?;
    let request = serde_json::from_slice(&body.to_bytes()).map_err(unread)?;
    Ok((action, request))
}

fn refused((code, message): &Refusal) -> Response<Full<Bytes>> {
    let body = json!({"__type": code, "Message": message});
    said(StatusCode::BAD_REQUEST, &body)
}

fn said(status: StatusCode, body: &Value) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from(body.to_string())));
    *response.status_mut() = status;
    let kind = hyper::header::HeaderValue::from_static("application/x-amz-json-1.1");
    response.headers_mut().insert("content-type", kind);
    response
}
