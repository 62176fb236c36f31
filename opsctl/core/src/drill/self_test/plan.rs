//! What a self-test will do. Pure.

use super::super::plan::{Observed, plan};
use super::super::steps::names;
use super::super::{Choice, DrillInputs};
use super::round::{AFTER, BEFORE};
use super::trial::step_name;
use crate::engine::{Action, Effect, Fact, OperationKind, Plan, When};
use crate::environment::Environment;
use crate::failure::{Failure, Result};
use crate::integrity::DamageKind;
use crate::names::StepName;

/// The inputs of a self-test's plan.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SelfTestInputs {
    /// Which backup is restored, and what it is compared with.
    pub drill: DrillInputs,
    /// Decides what is damaged: the same seed damages the same places.
    pub seed: u64,
}

/// Plans a self-test of the restore drill.
///
/// # Errors
/// When the backup that was asked for does not exist.
pub fn plan_self_test(observed: &Observed, seed: u64, environment: &Environment) -> Result<Plan> {
    let mut plan = plan(observed, environment)?;
    let drill: DrillInputs = plan.inputs()?;
    let scratch = observed.operation.scratch();
    let takes = matches!(drill.backup, Choice::Fresh { .. });
    let frame = |action: &Action| match action.step.as_str() {
        names::TAKE => takes,
        step => step == names::PIN || step == names::UNPIN,
    };
    let (mut first, mut last): (Vec<Action>, Vec<Action>) = plan
        .actions
        .into_iter()
        .filter(frame)
        .partition(|action| action.when == When::Success);
    let trial = |step: &'static str, summary: String| Action {
        step: StepName::fixed(step),
        effect: Effect::Create,
        object: scratch.to_string(),
        summary,
        when: When::Success,
    };
    first.push(trial(
        BEFORE,
        "restore and examine a copy that is left whole".into(),
    ));
    first.extend(DamageKind::ALL.into_iter().map(|kind| {
        trial(
            step_name(kind),
            format!("restore, plant {}, and see it named", kind.as_str()),
        )
    }));
    first.push(trial(
        AFTER,
        "restore and examine a whole copy once more".into(),
    ));
    first.push(Action {
        object: "evidence".into(),
        ..trial(names::EVIDENCE, "sign what was seen".into())
    });
    last.insert(
        0,
        Action {
            effect: Effect::Destroy,
            when: When::Always,
            ..trial(names::DISCARD, "end the copy".into())
        },
    );
    first.extend(last);
    plan.actions = first;
    plan.kind = OperationKind::DrillSelfTest;
    plan.context.push(Fact {
        name: "seed".into(),
        value: seed.to_string(),
    });
    plan.inputs = serde_json::to_value(SelfTestInputs { drill, seed })
        .map_err(|error| Failure::failed("the inputs can't be written").because(error))?;
    Ok(plan)
}
