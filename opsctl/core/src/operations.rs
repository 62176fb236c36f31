//! From a plan back to the operation that carries it out: what `--plan` and `operation resume` need.

use crate::engine::{Operation, Plan};
use crate::failure::{Failure, Result};
use crate::ports::World;

/// The operation that a plan describes, over the given world.
///
/// # Errors
/// When this opsctl does not know the kind, or the plan's inputs have another form.
pub fn rebuild(plan: &Plan, _world: &World) -> Result<Box<dyn Operation>> {
    Err(Failure::usage(format!(
        "this opsctl can't carry out '{}'",
        plan.kind
    )))
}
