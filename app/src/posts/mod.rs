//! The resource posts. A draft exists for its author only: to everybody else it is not there.

mod model;
mod queries;
mod routes;

pub use model::{Content, Post, Title};
pub use routes::{no_such_post, routes};
