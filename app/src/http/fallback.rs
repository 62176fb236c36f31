//! What the router answers where no handler does: unknown route, wrong method, too slow, a panic. In the contract's body too.

use std::any::Any;

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use super::ApiError;

pub async fn no_such_route() -> ApiError {
    ApiError::refused(
        StatusCode::NOT_FOUND,
        "not_found",
        "There is nothing at this address",
    )
}

pub async fn wrong_method() -> ApiError {
    ApiError::refused(
        StatusCode::METHOD_NOT_ALLOWED,
        "method_not_allowed",
        "This address does not answer that method",
    )
}

/// Where a request took too long to arrive.
pub fn too_slow() -> ApiError {
    ApiError::refused(
        StatusCode::REQUEST_TIMEOUT,
        "timeout",
        "The request took too long to arrive",
    )
}

/// A bug, which was logged where it happened. The process lives on; the request is answered like any other failure.
pub fn panicked(cause: Box<dyn Any + Send + 'static>) -> Response {
    let text = cause
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| cause.downcast_ref::<&str>().copied())
        .unwrap_or("no message");
    ApiError::Panicked(format!("panic: {text}")).into_response()
}
