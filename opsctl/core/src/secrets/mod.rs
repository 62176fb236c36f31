//! Secrets: how old they are, and how they are changed under a running application without a failed request.
//!
//! Owns the order of a rotation and the proof that everybody follows it. Never prints, plans or journals a value: values go from
//! their place to whom they are for.

mod findings;
mod finish;
mod generate;
mod inputs;
mod kind;
mod observe;
mod operation;
mod parts;
mod plan;
mod pods;
mod status;
mod steps;
#[cfg(test)]
mod tests;

pub use finish::{Finish, plan_finish};
pub use inputs::{FinishInputs, Goal, LoginChange, Origin, Retiring, RotateInputs};
pub use kind::SecretKind;
pub use observe::{LoginsSeen, Seen};
pub use operation::Rotate;
pub use plan::{Wish, plan};
pub use pods::{PodAnswer, ask_pods};
pub use status::{Finding, SecretStanding, Standing, standing};

/// What operations on secrets lock.
const RESOURCE: &str = "secrets";
