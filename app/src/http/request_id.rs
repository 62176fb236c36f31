//! Gives every request an id: the caller's `X-Request-ID` when it is harmless, else a new one. It goes into every log line of
//! the request and back to the caller.

use axum::extract::Request;
use axum::http::{HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;
use uuid::Uuid;

const HEADER: HeaderName = HeaderName::from_static("x-request-id");
const LONGEST: usize = 128;

/// The id of this request; an extension of it.
#[derive(Debug, Clone)]
pub struct RequestId(pub String);

/// The middleware; outermost, so that every answer carries the id.
pub async fn identify(mut request: Request, next: Next) -> Response {
    let id = request
        .headers()
        .get(&HEADER)
        .and_then(accepted)
        .unwrap_or_else(|| Uuid::now_v7().to_string());
    // Both sources hold visible ASCII only, which is a header value.
    let header = HeaderValue::from_str(&id).ok();
    request.extensions_mut().insert(RequestId(id));
    let mut response = next.run(request).await;
    if let Some(header) = header {
        response.headers_mut().insert(HEADER, header);
    }
    response
}

fn accepted(value: &HeaderValue) -> Option<String> {
    let text = value.to_str().ok()?;
    let harmless = (1..=LONGEST).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-_.:".contains(&byte));
    harmless.then(|| text.to_owned())
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
