//! The end of a rotation whose value before was believed for a while: the wait, and then the value before is gone.

use async_trait::async_trait;
use serde_json::json;

use super::inputs::FinishInputs;
use super::observe::Seen;
use super::steps::{Drop, Expire, Follow, Followed, Tell};
use super::{RESOURCE, SecretKind};
use crate::engine::{
    Action, Basis, Conclusion, Effect, ErasedStep, Fact, Operation, OperationKind, Outputs, Plan,
    Precondition, Severity, When, erase,
};
use crate::environment::Span;
use crate::failure::{Failure, Result};
use crate::names::{ResourceName, StepName};
use crate::ports::{SecretFacts, Stage, World};

const WAIT: &str = "wait";
const DROP: &str = "drop-previous";
const TELL: &str = "tell";
const FOLLOW: &str = "follow";

/// Plans it.
///
/// # Errors
/// Refuses when there is nothing to finish.
pub fn plan_finish(seen: &Seen, within: Span, basis: &Basis<'_>) -> Result<Plan> {
    let kind = seen.kind;
    let previous = seen.facts.at(Stage::Previous).filter(|_| kind.overlaps());
    let previous = previous.ok_or_else(|| {
        Failure::refused(format!("no '{kind}' before the present one is believed"))
            .left("nothing was changed")
    })?;
    let inputs = FinishInputs {
        kind,
        previous: previous.id.clone(),
        not_before: not_before(seen, basis),
        within,
    };
    let wait = Span(basis.now.age(inputs.not_before));
    let fact = |name: &str, value: String| Fact {
        name: name.into(),
        value,
    };
    Ok(Plan {
        severity: Severity::Moderate,
        resources: vec![ResourceName::new(RESOURCE)?],
        actions: actions(&inputs),
        preconditions: vec![precondition(kind, &seen.facts)],
        context: vec![fact("waits", wait.to_string())],
        point_of_no_return: Some(StepName::fixed(DROP)),
        ..Plan::of(OperationKind::SecretsFinish, basis, &inputs)?
    })
}

/// As the rotation noted. Where none noted it, of tokens the longest time from now on; of what a person says is over, now.
fn not_before(seen: &Seen, basis: &Basis<'_>) -> crate::clock::Timestamp {
    let previous = seen.facts.at(Stage::Previous).map(|version| &version.id);
    let settings = &basis.environment.settings.secrets;
    match &seen.retiring {
        Some(retiring) if previous == Some(&retiring.version) => retiring.needed_until,
        _ if seen.kind == SecretKind::Jwt => {
            let told = seen.token_lifetime.unwrap_or_default();
            let lifetime = told.max(settings.token_lifetime.0) + settings.clock_skew.0;
            basis.now.plus(lifetime)
        }
        _ => basis.now,
    }
}

fn precondition(kind: SecretKind, facts: &SecretFacts) -> Precondition {
    let previous = facts.at(Stage::Previous);
    Precondition {
        name: format!("version of {kind} before"),
        value: previous.map_or_else(|| "none".into(), |version| version.id.to_string()),
        until: Some(StepName::fixed(DROP)),
    }
}

fn actions(inputs: &FinishInputs) -> Vec<Action> {
    let action = |step, effect, summary: String| Action {
        step: StepName::fixed(step),
        effect,
        object: format!("secret {}", inputs.kind),
        summary,
        when: When::Success,
    };
    let within = inputs.within;
    vec![
        action(
            WAIT,
            Effect::Read,
            format!("wait until {}", inputs.not_before),
        ),
        action(
            DROP,
            Effect::Destroy,
            format!("forget version {}", inputs.previous),
        ),
        action(TELL, Effect::Change, "hand over what is left".into()),
        action(
            FOLLOW,
            Effect::Read,
            format!("wait until every process uses it, {within} at most"),
        ),
    ]
}

/// The end of a rotation.
pub struct Finish {
    world: World,
    inputs: FinishInputs,
}

impl Finish {
    /// What `plan` describes.
    ///
    /// # Errors
    /// When the plan's inputs have another form.
    pub fn from_plan(plan: &Plan, world: &World) -> Result<Self> {
        Ok(Self {
            world: world.clone(),
            inputs: plan.inputs()?,
        })
    }
}

#[async_trait]
impl Operation for Finish {
    fn steps(&self) -> Vec<Box<dyn ErasedStep>> {
        let (world, kind) = (self.world.clone(), self.inputs.kind);
        vec![
            erase(Expire {
                name: WAIT,
                moment: self.inputs.not_before,
            }),
            erase(Drop {
                name: DROP,
                world: world.clone(),
                kind,
                stage: Stage::Previous,
                version: self.inputs.previous.clone(),
            }),
            erase(Tell {
                name: TELL,
                world: world.clone(),
                kind,
            }),
            erase(Follow {
                name: FOLLOW,
                world,
                kind,
                told: TELL,
                left: None,
                within: self.inputs.within,
            }),
        ]
    }

    async fn observe(&self) -> Result<Vec<Precondition>> {
        let store = &self.world.secrets()?.store;
        let facts = store.describe(self.inputs.kind).await?.unwrap_or_default();
        Ok(vec![precondition(self.inputs.kind, &facts)])
    }

    fn conclude(&self, outputs: &Outputs) -> Result<Conclusion> {
        let followed: Followed = outputs.get(FOLLOW)?;
        Ok(Conclusion::kept(json!({
            "environment": self.world.environment.name,
            "secret": self.inputs.kind,
            "forgotten": self.inputs.previous,
            "processes": followed.processes,
        })))
    }
}
