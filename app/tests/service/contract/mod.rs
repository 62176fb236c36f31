//! What clients rely on.

mod comments;
mod login;
mod malformed;
mod posts;
mod requests;
mod users;
