//! Proof that a restored copy is whole, level by level.
//!
//! Owns the levels, the comparison with the source and the verdict on every row that differs, and the
//! kinds of damage that the verifier must catch. Never opens a database: [`crate::ports::Inspector`] does.

mod buckets;
mod content;
mod damage;
mod engine;
mod examine;
mod explain;
mod fidelity;
mod findings;
mod levels;
mod reconcile;
mod structure;
mod table;

pub use content::fingerprints;
pub use damage::{Caught, Damage, DamageKind, Planted, Rng, caught};
pub use examine::{IntegrityReport, Options, examine};
pub use levels::LevelName;
