//! What is left to decide after a restore: whether a copy or the old database goes, and what becomes of held effects.

mod discard;
mod effects;
mod set_aside;

pub use discard::{DiscardCopy, plan_discard};
pub use effects::{Release, ReleaseEffects, plan_effects};
pub use set_aside::{Doomed, RemoveSetAside, plan_removal};
