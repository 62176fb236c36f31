//! The steps of a deploy, in the order in which they run.

mod back;
mod baseline;
mod decide;
mod keep;
mod latest;
mod measure;
mod prove;
mod prune;
mod release;
mod roll_out;
mod secrets;
mod try_out;

pub use back::{RollBack, STAYS};
pub use baseline::LookBefore;
pub use keep::KeepEvidence;
pub use latest::MoveLatest;
pub use prove::Prove;
pub use prune::Prune;
pub use release::{Close, CloseFailed, Open};
pub use roll_out::RollOut;
pub use secrets::PlaceSecrets;
pub use try_out::TryOut;
