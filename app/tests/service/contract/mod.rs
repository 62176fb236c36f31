//! What clients rely on.

mod comments;
mod login;
mod malformed;
mod posts;
mod random;
mod requests;
mod users;
