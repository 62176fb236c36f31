//! Owns who the caller is: log-in, passwords, tokens. A handler learns the caller only through `Caller`, so one that needs a
//! caller cannot be reached without. Never stores a password and never says which half of a log-in was wrong.

mod caller;
mod login;
mod password;
mod tokens;

pub use caller::Caller;
pub use password::{Password, Passwords};
pub use tokens::{Revocation, Tokens};

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::post;

use crate::http::AppState;

const BODY_LIMIT: usize = 16 * 1024;

pub fn routes() -> Router<AppState> {
    Router::new().route(
        "/auth/login",
        post(login::log_in).layer(DefaultBodyLimit::max(BODY_LIMIT)),
    )
}
