//! Gives every request an id: the caller's `X-Request-ID` when it is harmless, else a new one. It goes into every log line of
//! the request and back to the caller.

use std::sync::Arc;

use axum::extract::Request;
use axum::http::{HeaderName, HeaderValue};
use uuid::Uuid;
use uuid::fmt::Hyphenated;

pub(super) const HEADER: HeaderName = HeaderName::from_static("x-request-id");
const LONGEST: usize = 128;

/// The id of this request; an extension of it. Cheap to clone.
#[derive(Debug, Clone)]
pub struct RequestId(pub Arc<str>);

impl RequestId {
    /// Gives the request its id.
    pub(super) fn give(request: &mut Request) -> Self {
        let sent = request.headers().get(&HEADER).and_then(accepted);
        let id = Self(sent.unwrap_or_else(made));
        request.extensions_mut().insert(id.clone());
        id
    }

    /// Both sources hold visible ASCII only, which is a header value.
    pub(super) fn header(&self) -> Option<HeaderValue> {
        HeaderValue::from_str(&self.0).ok()
    }
}

fn made() -> Arc<str> {
    let mut text = [0; Hyphenated::LENGTH];
    let text: &str = Uuid::now_v7().hyphenated().encode_lower(&mut text);
    text.into()
}

fn accepted(value: &HeaderValue) -> Option<Arc<str>> {
    let text = value.to_str().ok()?;
    let harmless = (1..=LONGEST).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-_.:".contains(&byte));
    harmless.then(|| text.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_harmless_id_is_taken_over() {
        assert_eq!(
            accepted(&HeaderValue::from_static("abc-1")).as_deref(),
            Some("abc-1")
        );
        for text in ["", "two words", "{\"json\":1}", &"x".repeat(129)] {
            assert_eq!(
                accepted(&HeaderValue::from_str(text).unwrap()),
                None,
                "{text}"
            );
        }
    }
}
