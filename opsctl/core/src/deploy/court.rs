//! The judge of a release, set up from what was applied and from the patience of the environment.

use super::verdict::{Baseline, Budgets, Expected, Judge, Role};
use super::waves::Wave;
use crate::environment::Patience;
use crate::workloads::Object;

/// The judge of the objects that were applied and are followed.
#[must_use]
pub fn judge_of<'a>(
    applied: impl Iterator<Item = &'a Object>,
    baseline: Baseline,
    patience: Patience,
) -> Judge {
    let watched = applied.filter(|object| Wave::of(object).is_watched());
    Judge::new(watched.map(expected).collect(), baseline, budgets(patience))
}

fn expected(object: &Object) -> Expected {
    Expected {
        object: object.reference(),
        uid: Some(object.uid().to_owned()),
        generation: object.number("/metadata/generation"),
        role: match Wave::of(object) {
            Wave::Hooks => Role::Hook,
            _ => Role::Workload,
        },
    }
}

fn budgets(patience: Patience) -> Budgets {
    Budgets {
        restarts: patience.restarts,
        grace: patience.grace.0,
        deadline: patience.deadline.0,
        steady: patience.steady.0,
        ..Budgets::default()
    }
}
