//! A small HTTP client. It keeps what a test may want to look at, and fails on nothing but a broken connection.

use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context, Result};
use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use hyper::http::request::Builder;
use hyper::{HeaderMap, Method, Request, StatusCode};
use hyper_util::client::legacy;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::Value;

/// Talks to one service, perhaps as somebody.
#[derive(Clone)]
pub struct Client {
    base: String,
    token: Option<String>,
    /// How far it has seen, shared by all that were made of it; none for one that does not say so.
    seen: Option<Arc<Mutex<Option<HeaderValue>>>>,
    inner: legacy::Client<HttpConnector, Full<Bytes>>,
}

/// As `http::consistency` names it.
const SEEN: &str = "consistency-token";

/// What came back.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub json: Value,
}

impl Answer {
    pub fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    }

    /// The status and the code of the error body, which must be nothing but `error` and `message`.
    pub fn problem(&self) -> (u16, &str) {
        let fields: Vec<&String> = self
            .json
            .as_object()
            .map(|o| o.keys().collect())
            .unwrap_or_default();
        assert_eq!(fields, ["error", "message"], "{self:?}");
        assert!(
            self.json["message"]
                .as_str()
                .is_some_and(|text| !text.is_empty()),
            "{self:?}"
        );
        (
            self.status.as_u16(),
            self.json["error"].as_str().unwrap_or_default(),
        )
    }

    pub fn text(&self, field: &str) -> String {
        self.json[field].as_str().unwrap_or_default().to_owned()
    }
}

impl Client {
    pub fn new(address: impl std::fmt::Display) -> Self {
        let inner = legacy::Client::builder(TokioExecutor::new()).build_http();
        Self {
            base: format!("http://{address}"),
            token: None,
            seen: None,
            inner,
        }
    }

    /// One that says how far it has seen, as clients should: replicas may answer it.
    pub fn keeping(self) -> Self {
        Self {
            seen: Some(Arc::default()),
            ..self
        }
    }

    pub fn with_token(&self, token: impl Into<String>) -> Self {
        Self {
            token: Some(token.into()),
            ..self.clone()
        }
    }

    pub fn token(&self) -> Option<&str> {
        self.token.as_deref()
    }

    pub fn address(&self) -> &str {
        self.base.trim_start_matches("http://")
    }

    pub async fn get(&self, path: &str) -> Result<Answer> {
        self.send(self.request(Method::GET, path), Bytes::new())
            .await
    }

    pub async fn post(&self, path: &str, body: &Value) -> Result<Answer> {
        self.post_bytes(path, body.to_string().into_bytes()).await
    }

    pub async fn patch(&self, path: &str, body: &Value) -> Result<Answer> {
        self.send_with(Method::PATCH, path, &[], Some(body)).await
    }

    pub async fn delete(&self, path: &str) -> Result<Answer> {
        self.send_with(Method::DELETE, path, &[], None).await
    }

    /// The status, and the body as it came.
    pub async fn get_bytes(&self, path: &str) -> Result<(u16, Bytes)> {
        let request = self.showing(self.request(Method::GET, path));
        let response = self.inner.request(request.body(Full::default())?).await?;
        let status = response.status().as_u16();
        Ok((status, response.into_body().collect().await?.to_bytes()))
    }

    /// With these headers, and a JSON body where there is one.
    pub async fn send_with(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<&Value>,
    ) -> Result<Answer> {
        let mut request = self.request(method, path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let bytes = match body {
            Some(body) => {
                request = request.header(CONTENT_TYPE, "application/json");
                body.to_string().into_bytes()
            }
            None => Vec::new(),
        };
        self.send(request, bytes.into()).await
    }

    pub async fn post_bytes(&self, path: &str, body: Vec<u8>) -> Result<Answer> {
        let request = self
            .request(Method::POST, path)
            .header(CONTENT_TYPE, "application/json");
        self.send(request, body.into()).await
    }

    pub fn request(&self, method: Method, path: &str) -> Builder {
        let request = Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.base));
        match &self.token {
            Some(token) => request.header(AUTHORIZATION, format!("Bearer {token}")),
            None => request,
        }
    }

    pub async fn send(&self, request: Builder, body: Bytes) -> Result<Answer> {
        let request = self.showing(request).body(Full::new(body))?;
        let (parts, body) = self.inner.request(request).await?.into_parts();
        self.saw(&parts.headers);
        let bytes = body.collect().await?.to_bytes();
        let kind = parts.headers.get(CONTENT_TYPE);
        let page = kind.is_some_and(|kind| kind.as_bytes().starts_with(b"text/"));
        let json = match (bytes.is_empty(), page) {
            (true, _) => Value::Null,
            (false, true) => Value::from(String::from_utf8_lossy(&bytes).into_owned()),
            (false, false) => serde_json::from_slice(&bytes)
                .with_context(|| format!("no JSON: {}", String::from_utf8_lossy(&bytes)))?,
        };
        Ok(Answer {
            status: parts.status,
            headers: parts.headers,
            json,
        })
    }

    fn showing(&self, request: Builder) -> Builder {
        let shows = request
            .headers_ref()
            .is_some_and(|headers| headers.contains_key(SEEN));
        let seen = self.seen.as_ref().filter(|_| !shows);
        let seen =
            seen.and_then(|seen| seen.lock().unwrap_or_else(PoisonError::into_inner).clone());
        match seen {
            Some(seen) => request.header(SEEN, seen),
            None => request,
        }
    }

    fn saw(&self, headers: &HeaderMap) {
        if let (Some(seen), Some(token)) = (&self.seen, headers.get(SEEN)) {
            *seen.lock().unwrap_or_else(PoisonError::into_inner) = Some(token.clone());
        }
    }

    /// A new user, logged in.
    pub async fn sign_up(&self, email: &str) -> Result<(Client, String)> {
        let body = serde_json::json!({"email": email, "password": "correct horse battery"});
        let created = self.post("/api/users", &body).await?;
        anyhow::ensure!(created.status == StatusCode::CREATED, "{created:?}");
        let session = self.post("/auth/login", &body).await?;
        anyhow::ensure!(session.status == StatusCode::OK, "{session:?}");
        Ok((
            self.with_token(session.text("access_token")),
            created.text("id"),
        ))
    }
}
