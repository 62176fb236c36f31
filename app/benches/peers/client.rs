//! An HTTP client, as small as it gets.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use hyper::header::{AUTHORIZATION, CONTENT_TYPE};
use hyper::{Method, Request, StatusCode};
use hyper_util::client::legacy;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::{Value, json};

/// Longer than any start takes.
const PATIENCE: Duration = Duration::from_secs(30);

/// Talks to one service, perhaps as somebody.
#[derive(Clone)]
pub struct Client {
    token: Option<String>,
    inner: legacy::Client<HttpConnector, Full<Bytes>>,
}

impl Client {
    pub fn new(token: Option<&str>) -> Self {
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        Self {
            token: token.map(str::to_owned),
            inner: legacy::Client::builder(TokioExecutor::new()).build(connector),
        }
    }

    /// The status and the body.
    pub async fn ask(
        &self,
        method: Method,
        url: &str,
        body: Option<&Value>,
    ) -> Result<(StatusCode, Bytes)> {
        let mut request = Request::builder().method(method).uri(url);
        if let Some(token) = &self.token {
            request = request.header(AUTHORIZATION, format!("Bearer {token}"));
        }
        let bytes = body.map(Value::to_string).unwrap_or_default();
        if body.is_some() {
            request = request.header(CONTENT_TYPE, "application/json");
        }
        let answer = self.inner.request(request.body(Full::from(bytes))?).await?;
        let status = answer.status();
        Ok((status, answer.into_body().collect().await?.to_bytes()))
    }

    /// What a successful POST answers.
    pub async fn post(&self, url: &str, body: &Value) -> Result<Value> {
        let (status, bytes) = self.ask(Method::POST, url, Some(body)).await?;
        ensure!(
            status.is_success(),
            "{url}: {status}: {}",
            String::from_utf8_lossy(&bytes)
        );
        serde_json::from_slice(&bytes).context("JSON")
    }
}

/// Asks until the service is ready; asking again costs less than the tenth of a millisecond that it waits.
pub async fn ready(url: &str) -> Result<Value> {
    let (client, began) = (Client::new(None), Instant::now());
    let url = format!("{url}/health/ready");
    while began.elapsed() < PATIENCE {
        if let Ok((StatusCode::OK, _)) = client.ask(Method::GET, &url, None).await {
            return Ok(json!({ "seconds": began.elapsed().as_secs_f64() }));
        }
        tokio::time::sleep(Duration::from_micros(100)).await;
    }
    anyhow::bail!("{url} was not ready within {PATIENCE:?}")
}
