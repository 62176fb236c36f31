//! The request as it came in, and the question in it once it is known who asks.

use hyper::{HeaderMap, body::Bytes, http::request::Parts};

use super::{Parameters, Service};
use crate::{accounts::Caller, clock::Moment};

/// Method, place, headers and the whole body.
#[derive(Debug, Clone)]
pub(crate) struct Incoming {
    pub method: String,
    pub path: String,
    pub query: String,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Incoming {
    pub fn of(parts: Parts, body: Bytes) -> Self {
        Self {
            method: parts.method.to_string(),
            path: parts.uri.path().to_owned(),
            query: parts.uri.query().unwrap_or_default().to_owned(),
            headers: parts.headers,
            body,
        }
    }

    pub fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name);
        value.and_then(|value| value.to_str().ok()).unwrap_or("")
    }
}

/// An account in a region: where things are.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Home {
    pub account: String,
    pub region: String,
}

/// A question of somebody who was let in.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    pub service: Service,
    pub action: String,
    pub home: Home,
    pub caller: Caller,
    pub parameters: Parameters,
    pub at: Moment,
}
