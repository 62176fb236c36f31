//! The resource comments: they belong to a post and are seen by whoever sees it.

mod model;
mod queries;
mod routes;

pub use model::Comment;
pub use routes::routes;
