//! What the payment provider tells: the smallest honest source for who pays. A message is believed when `API_KEY` signed it, a
//! moment ago, and counts once. Never asks the provider anything, never sees a card, and keeps no more than who paid when under
//! which number.

mod event;
mod queries;
mod routes;
mod signature;

pub use routes::routes;
pub use signature::{HEADER, sign};
