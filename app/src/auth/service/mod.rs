//! Owns the auth service, both ends of it: the internal route that judges a token and a right (role `auth`), and whoever asks it
//! (role `api` with `AUTH_SERVICE_URL`): kept for seconds, tried twice, and given up on for a moment when it is down. While it
//! cannot say yes, the answer is 503: never yes.

mod asking;
mod breaker;
mod decisions;
mod verify;
mod words;

pub use asking::AuthService;
pub(super) use decisions::about;
pub use verify::routes;
pub(super) use words::{Judgement, Question};
