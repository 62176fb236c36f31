//! A whole simulated platform: databases, backups, copies, the descriptor and the processes that obey it.

mod abroad;
mod application;
mod away;
mod backups;
mod cache;
mod clock;
mod content;
mod copies;
mod databases;
mod exports;
mod inspector;
mod keys;
mod pointer;
mod prober;
mod registry;
mod replicas;
mod rows;
mod saboteur;
mod schema;
mod standby;
mod world;

pub use cache::SimulatedCache;
pub use clock::StillClock;
pub use content::SimulatedDatabase;
pub use exports::SimulatedExports;
pub use registry::Shelf;
pub use standby::{CallFault, SimulatedStandby};
pub use world::{Obedience, Platform, environment};
