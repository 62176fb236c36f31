//! How much anybody may ask.

mod alone;
mod clusters;
mod together;
