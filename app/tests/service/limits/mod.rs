//! How much anybody may ask.

mod alone;
mod together;
