//! What clients rely on.

mod comments;
mod description;
mod login;
mod malformed;
mod posts;
mod random;
mod requests;
mod stack;
mod texts;
mod users;
