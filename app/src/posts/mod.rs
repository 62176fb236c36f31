//! The resource posts. A draft exists for its author only: to everybody else it is not there.

mod change;
mod model;
mod queries;
mod routes;
mod search;

pub use model::{Content, Post, Title};
pub use routes::routes;

use axum::http::StatusCode;

use crate::database::PostId;
use crate::http::ApiError;

/// Said of a post that is not there, and of one that the caller may not see.
pub fn no_such_post(id: PostId) -> ApiError {
    let message = format!("Post with id {id} does not exist");
    ApiError::refused(StatusCode::NOT_FOUND, "post_not_found", message)
}
