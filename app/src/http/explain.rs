//! `APP_DEBUG`: the cause of a failure of ours in the answer's body, beside the contract's two fields. For developers alone:
//! staging and production refuse to start with it.

use axum::Json;
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

/// The answer with its cause; only there where causes may be said.
pub fn explain(mut response: Response) -> Response {
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
