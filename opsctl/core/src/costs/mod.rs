//! What instances cost to keep, by list prices: told before anything is made, and kept with what a drill saw.
//!
//! Owns the table of prices and the estimate. Never asks anybody for a price, and never takes an unknown one for nothing.

mod estimate;
mod planned;
mod prices;
mod usd;

pub use estimate::{Cost, Spent};
pub use planned::{Billed, of_copy, of_serving, priced};
pub use prices::{Day, Prices, RegionPrices};
pub use usd::Usd;
