//! What is left to decide after a restore: whether a copy goes, and what becomes of held effects.

mod discard;
mod effects;

pub use discard::{DiscardCopy, plan_discard};
pub use effects::{Release, ReleaseEffects, plan_effects};
