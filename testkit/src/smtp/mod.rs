//! A mail server on a real socket that keeps what it is given and fails as it is told. Never passes anything on.

mod conversation;
mod server;

pub use server::{Behaviour, ReceivedMail, Smtp};
