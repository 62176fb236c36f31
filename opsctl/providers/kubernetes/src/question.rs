//! One question to the API server, so that it can be asked again word for word.

use std::time::Duration;

use hyper::body::Bytes;
use hyper::header::{ACCEPT, CONTENT_TYPE, USER_AGENT};
use hyper::{Method, Request};
use kube::client::Body;
use serde_json::Value;

/// What server-side apply is told its body is. JSON is YAML.
const APPLY: &str = "application/apply-patch+yaml";
const JSON: &str = "application/json";
const AGENT: &str = concat!("opsctl/", env!("CARGO_PKG_VERSION"));

/// A request before it is sent. Every one of ours may be sent twice and means the same.
#[derive(Debug, Clone)]
pub struct Question {
    method: Method,
    path: String,
    body: Option<(&'static str, Bytes)>,
    /// How long it is asked again while nobody answers; `None`: as long as the connection's patience.
    pub patience: Option<Duration>,
    /// How long one answer may take; `None`: as the connection's patience says.
    pub within: Option<Duration>,
}

impl Question {
    /// Reads.
    pub fn get(path: impl Into<String>) -> Self {
        Self::new(Method::GET, path.into(), None)
    }

    /// Applies an object, from the server's side.
    pub fn apply(path: String, object: &Value) -> Self {
        Self::new(Method::PATCH, path, Some((APPLY, bytes(object))))
    }

    /// Makes one of those objects that are only asked, never kept.
    pub fn post(path: &str, object: &Value) -> Self {
        Self::new(Method::POST, path.to_owned(), Some((JSON, bytes(object))))
    }

    /// Deletes.
    pub fn delete(path: String, options: &Value) -> Self {
        Self::new(Method::DELETE, path, Some((JSON, bytes(options))))
    }

    /// Asked again for so long at most.
    pub const fn patient(mut self, patience: Duration) -> Self {
        self.patience = Some(patience);
        self
    }

    /// Answered within so long, or not at all.
    pub const fn within(mut self, limit: Duration) -> Self {
        self.within = Some(limit);
        self
    }

    /// What is sent.
    pub fn request(&self) -> Result<Request<Body>, hyper::http::Error> {
        let request = Request::builder()
            .method(self.method.clone())
            .uri(&self.path)
            .header(ACCEPT, JSON)
            // Whoever reads the cluster's audit log finds us by it.
            .header(USER_AGENT, AGENT);
        match &self.body {
            None => request.body(Body::empty()),
            Some((kind, bytes)) => request
                .header(CONTENT_TYPE, *kind)
                .body(Body::from(bytes.clone())),
        }
    }

    const fn new(method: Method, path: String, body: Option<(&'static str, Bytes)>) -> Self {
        Self {
            method,
            path,
            body,
            patience: None,
            within: None,
        }
    }
}

fn bytes(object: &Value) -> Bytes {
    Bytes::from(object.to_string())
}
