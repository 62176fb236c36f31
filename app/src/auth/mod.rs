//! Owns who the caller is and what it may do: log-in, sessions, passwords, tokens, permissions. A handler learns the caller only
//! through `Caller` or `Permitted`, so one that needs a caller cannot be reached without. Never stores a password and never
//! says which half of a log-in was wrong.

mod answer;
mod caller;
mod going_on;
mod hashing;
mod keys;
mod login;
mod password;
mod permission;
mod public_keys;
pub mod service;
mod sessions;
mod standing;
mod throttle;
mod tokens;
mod verified;

pub use answer::too_many_attempts;
pub use caller::Caller;
pub use password::{Checked, Password, Passwords};
pub use permission::{Administrator, Manage, Permission, Permitted, Right, View, refused};
pub(crate) use sessions::forget_ended;
pub use standing::{known, looked_up};
pub use throttle::Throttle;
pub use tokens::{Bearer, Revocation, Token, Tokens};
pub use verified::{Standing, Verified};

use axum::extract::DefaultBodyLimit;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::http::AppState;

const BODY_LIMIT: usize = 16 * 1024;

/// Log-in and what goes on after it: the auth service's, or its part of a process that does everything.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(login::log_in))
        .routes(routes!(going_on::refresh))
        .routes(routes!(public_keys::public_keys))
        .routes(routes!(going_on::log_out))
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
}

/// What belongs to a user as well.
pub fn routes_of_users() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(going_on::change_password))
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
}
