//! The resource users: sign-up, profile, change, deletion. Never hands out a password hash: only `Credentials` holds one, for log-in.

mod change;
mod model;
mod queries;
mod repeated;
mod routes;

pub use model::{Credentials, Email, PersonName, User};
pub use routes::{no_such_user, routes};
