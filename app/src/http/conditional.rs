//! Entity tags: an answer that the client has already is a 304, and a change of what the client has not seen is refused.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::Response;
use serde::Serialize;

use super::{ApiError, Encoded};

/// As many as an answer has at its end: the map grows once.
const HEADERS: usize = 20;

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
        Ok(self.answer_encoded(&Encoded::of(value)?, caching))
    }

    /// The same of an answer that is written already.
    pub fn answer_encoded(&self, answer: &Encoded, caching: Caching) -> Response {
        let known = self
            .unless
            .as_deref()
            .is_some_and(|list| names(list, answer.tag(), Comparison::Weak));
        let mut response = Response::default();
        let headers = response.headers_mut();
        headers.reserve(HEADERS);
        headers.insert(header::CACHE_CONTROL, caching.value());
        headers.insert(header::VARY, HeaderValue::from_static("authorization"));
        headers.insert(header::ETAG, answer.tag().clone());
        if known {
            *response.status_mut() = StatusCode::NOT_MODIFIED;
        } else {
            let json = HeaderValue::from_static("application/json");
            headers.insert(header::CONTENT_TYPE, json);
            *response.body_mut() = answer.body().clone().into();
        }
        response
    }

    /// Refuses a change unless the client has seen `current`, where it said what it has seen.
    pub fn check<T: Serialize>(&self, current: &T) -> Result<(), ApiError> {
        let Some(list) = self.only_if.as_deref() else {
            return Ok(());
        };
        if names(list, Encoded::of(current)?.tag(), Comparison::Strong) {
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

#[derive(Clone, Copy, PartialEq, Eq)]
enum Comparison {
    /// A tag that a gateway weakened, by compressing, still names the answer.
    Weak,
    Strong,
}

/// Whether the list of a header names the tag. Tags of ours hold no comma.
fn names(list: &str, tag: &HeaderValue, comparison: Comparison) -> bool {
    list.split(',').map(str::trim).any(|item| {
        let item = match comparison {
            Comparison::Weak => item.strip_prefix("W/").unwrap_or(item),
            Comparison::Strong => item,
        };
        item == "*" || item.as_bytes() == tag.as_bytes()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_weakened_tag_still_spares_an_answer_and_never_allows_a_change() {
        let encoded = Encoded::from_body("{}".into());
        let tag = encoded.tag();
        let weak = format!("\"other\", W/{}", tag.to_str().unwrap());
        assert!(names(&weak, tag, Comparison::Weak));
        assert!(!names(&weak, tag, Comparison::Strong));
        assert!(names("*", tag, Comparison::Strong));
        assert!(!names("", tag, Comparison::Weak));
    }
}
