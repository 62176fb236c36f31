//! `APP_DEBUG`: the cause of a failure of ours in the answer's body, beside the contract's two fields. For developers alone:
//! staging and production refuse to start with it.

use axum::Json;
use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use super::Problem;

/// What went wrong inside; an extension of the answer, which nobody sends.
#[derive(Debug, Clone)]
pub struct Cause(pub String);

#[derive(Serialize)]
struct Explained {
    #[serde(flatten)]
    problem: Problem,
    cause: String,
}

/// The middleware; only there where causes may be said.
pub async fn explain(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let extensions = response.extensions_mut();
    let (Some(problem), Some(Cause(cause))) = (extensions.remove::<Problem>(), extensions.remove())
    else {
        return response;
    };
    let (mut parts, _said) = response.into_parts();
    let explained = Json(Explained { problem, cause }).into_response();
    parts.headers.remove(axum::http::header::CONTENT_LENGTH);
    Response::from_parts(parts, explained.into_body())
}
