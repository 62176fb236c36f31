//! A simulated world for tests: everything in memory, with a fault wherever a test wants one.
//!
//! Owns stand-ins that behave like the real providers at the level of their ports. Never used by the
//! product, and never the only proof of a promise: the same operations run on real servers too.

mod cluster;
mod faults;
mod permit;
mod platform;
mod script;
mod secrets;
mod store;

pub use cluster::{Fate, SimulatedCluster, Traffic};
pub use faults::{Counting, KillAt, Killed, survive};
pub use permit::Grant;
pub use platform::{
    CallFault, Obedience, Platform, Shelf, SimulatedCache, SimulatedDatabase, SimulatedExports,
    SimulatedStandby, StillClock, environment,
};
pub use script::{Effects, Script, ScriptedOperation, plan_of};
pub use secrets::SimulatedSecrets;
pub use store::MemoryStore;
