//! Route 53: records of hosted zones, changed in batches that are refused as a whole, and answered anew some time after.
//!
//! Knows no routing policies, aliases or health checks, and makes no zones: a test says which there are.

mod actions;
mod changes;
mod front;
mod records;
mod zones;

pub(crate) use actions::ROUTES;
pub use front::Route53;
