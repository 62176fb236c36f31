//! An image on its way: everything that belongs to it is brought into a repository, and then a tag names it.
//!
//! A push ships from a folder, a promotion from a repository; nothing is built or changed on the way, so that the digest
//! stays. The tag comes last: whoever asks for it gets the whole image or none.

mod freight;
mod operation;
mod plan;
mod steps;

pub use freight::{Freight, freight};
pub use operation::Ship;
pub use plan::{ShipInputs, ShipObserved, Shipment, observe, plan};
