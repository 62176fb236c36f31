//! Entity tags: an answer that the client has already is a 304, and a change of what the client has not seen is refused. A tag
//! is the hash of the answer's body, so it changes with everything that can be seen and with nothing else.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::ApiError;

/// How long a client may use an answer without asking again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Caching {
    /// Five minutes, as the contract says of a profile.
    FiveMinutes,
    /// Ask each time; the answer may be a 304.
    Revalidate,
}

impl Caching {
    fn value(self) -> HeaderValue {
        HeaderValue::from_static(match self {
            Self::FiveMinutes => "private, max-age=300",
            Self::Revalidate => "private, no-cache",
        })
    }
}

/// `If-Match` and `If-None-Match` of a request.
#[derive(Debug, Clone, Default)]
pub struct Conditions {
    only_if: Option<String>,
    unless: Option<String>,
}

impl<S: Send + Sync> FromRequestParts<S> for Conditions {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Self::Rejection> {
        Ok(Self {
            only_if: joined(&parts.headers, &header::IF_MATCH),
            unless: joined(&parts.headers, &header::IF_NONE_MATCH),
        })
    }
}

impl Conditions {
    /// The value with its tag, or 304 where the client has it.
    pub fn answer<T: Serialize>(&self, value: &T, caching: Caching) -> Result<Response, ApiError> {
        let body = serde_json::to_vec(value)
            .map_err(|error| ApiError::Internal(format!("an answer cannot be written: {error}")))?;
        let tag = tag(&body);
        let known = self
            .unless
            .as_deref()
            .is_some_and(|list| names(list, &tag, Comparison::Weak));
        let mut response = match known {
            true => StatusCode::NOT_MODIFIED.into_response(),
            false => ([(header::CONTENT_TYPE, "application/json")], body).into_response(),
        };
        let headers = response.headers_mut();
        headers.insert(header::CACHE_CONTROL, caching.value());
        headers.insert(header::VARY, HeaderValue::from_static("authorization"));
        if let Ok(tag) = HeaderValue::from_str(&tag) {
            headers.insert(header::ETAG, tag);
        }
        Ok(response)
    }

    /// Refuses a change unless the client has seen `current`, where it said what it has seen.
    pub fn check<T: Serialize>(&self, current: &T) -> Result<(), ApiError> {
        let Some(list) = self.only_if.as_deref() else {
            return Ok(());
        };
        let body = serde_json::to_vec(current)
            .map_err(|error| ApiError::Internal(format!("an answer cannot be written: {error}")))?;
        if names(list, &tag(&body), Comparison::Strong) {
            return Ok(());
        }
        Err(ApiError::refused(
            StatusCode::PRECONDITION_FAILED,
            "precondition_failed",
            "It has changed since you read it; read it again",
        ))
    }
}

fn joined(headers: &HeaderMap, name: &HeaderName) -> Option<String> {
    let values: Vec<&str> = headers
        .get_all(name)
        .iter()
        .map(|value| value.to_str().unwrap_or_default())
        .collect();
    (!values.is_empty()).then(|| values.join(","))
}

fn tag(body: &[u8]) -> String {
    let digest = Sha256::digest(body);
    let hash: String = digest[..16]
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    format!("\"{hash}\"")
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Comparison {
    /// A tag that a gateway weakened, by compressing, still names the answer.
    Weak,
    Strong,
}

/// Whether the list of a header names the tag. Tags of ours hold no comma.
fn names(list: &str, tag: &str, comparison: Comparison) -> bool {
    list.split(',').map(str::trim).any(|item| {
        let item = match comparison {
            Comparison::Weak => item.strip_prefix("W/").unwrap_or(item),
            Comparison::Strong => item,
        };
        item == "*" || item == tag
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_weakened_tag_still_spares_an_answer_and_never_allows_a_change() {
        let tag = tag(b"{}");
        let weak = format!("\"other\", W/{tag}");
        assert!(names(&weak, &tag, Comparison::Weak));
        assert!(!names(&weak, &tag, Comparison::Strong));
        assert!(names("*", &tag, Comparison::Strong));
        assert!(!names("", &tag, Comparison::Weak));
    }
}
