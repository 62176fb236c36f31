//! An operation whose steps only note that they were done, and fail when they are told to.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use opsctl_core::clock::Timestamp;
use opsctl_core::engine::{
    Action, Conclusion, Effect, ErasedStep, Operation, OperationKind, Outputs, Plan, Precondition,
    Severity, Step, StepContext, StepState, When, erase,
};
use opsctl_core::guard::Permit;
use opsctl_core::names::{EnvironmentName, OperationId, ResourceName, StepName};
use opsctl_core::{Failure, Result};

/// The outside world of a scripted operation: how often each step took effect.
#[derive(Debug, Default)]
pub struct Effects {
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    applied: BTreeMap<String, u32>,
    failing: BTreeSet<String>,
    world: String,
}

impl Effects {
    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How often each step took effect.
    pub fn applied(&self) -> BTreeMap<String, u32> {
        self.inner().applied.clone()
    }

    /// From now on this step fails.
    pub fn fail(&self, step: &str) {
        self.inner().failing.insert(step.to_owned());
    }

    /// From now on this step works again.
    pub fn mend(&self, step: &str) {
        self.inner().failing.remove(step);
    }

    /// Takes away what a step did, as somebody outside might.
    pub fn take_away(&self, step: &str) {
        self.inner().applied.remove(step);
    }

    /// Changes what the plan's precondition looks at.
    pub fn change_world(&self, value: &str) {
        value.clone_into(&mut self.inner().world);
    }
}

/// The steps of a scripted operation: names, and when each runs.
pub type Script = Vec<(&'static str, When)>;

/// An operation that follows a script.
#[derive(Debug, Clone)]
pub struct ScriptedOperation {
    script: Script,
    effects: Arc<Effects>,
}

impl ScriptedOperation {
    /// The operation over its world.
    #[must_use]
    pub const fn new(script: Script, effects: Arc<Effects>) -> Self {
        Self { script, effects }
    }
}

#[async_trait]
impl Operation for ScriptedOperation {
    fn steps(&self) -> Vec<Box<dyn ErasedStep>> {
        let step = |(name, _): &(&'static str, When)| {
            erase(ScriptedStep {
                name,
                effects: Arc::clone(&self.effects),
            })
        };
        self.script.iter().map(step).collect()
    }

    async fn observe(&self) -> Result<Vec<Precondition>> {
        let value = self.effects.inner().world.clone();
        Ok(vec![Precondition {
            name: "world".into(),
            value,
            until: None,
        }])
    }

    fn conclude(&self, outputs: &Outputs) -> Result<Conclusion> {
        let mut done = Vec::new();
        for (name, _) in &self.script {
            if outputs.find::<String>(name)?.is_some() {
                done.push(*name);
            }
        }
        Ok(Conclusion::kept(serde_json::json!({ "done": done })))
    }
}

struct ScriptedStep {
    name: &'static str,
    effects: Arc<Effects>,
}

#[async_trait]
impl Step for ScriptedStep {
    type Output = String;

    fn name(&self) -> StepName {
        StepName::new(self.name).expect("scripts use valid names")
    }

    async fn check(&self, _: &StepContext<'_>) -> Result<StepState<String>> {
        let done = self.effects.inner().applied.contains_key(self.name);
        Ok(if done {
            StepState::Done(self.name.to_owned())
        } else {
            StepState::Absent
        })
    }

    async fn apply(&self, _: &StepContext<'_>, permit: &Permit<'_>) -> Result<String> {
        permit.check()?;
        let mut inner = self.effects.inner();
        if inner.failing.contains(self.name) {
            return Err(Failure::failed("it was told to fail"));
        }
        *inner.applied.entry(self.name.to_owned()).or_default() += 1;
        Ok(self.name.to_owned())
    }

    async fn still_holds(&self, _: &StepContext<'_>, _: &String) -> Result<bool> {
        Ok(self.effects.inner().applied.contains_key(self.name))
    }
}

/// A plan for a script.
///
/// # Panics
/// When the names are not valid: scripts are written by tests.
#[must_use]
pub fn plan_of(id: &str, script: &Script) -> Plan {
    let action = |(name, when): &(&'static str, When)| Action {
        step: StepName::new(*name).expect("scripts use valid names"),
        effect: Effect::Change,
        object: "world".into(),
        summary: format!("do {name}"),
        when: *when,
    };
    Plan {
        format: Plan::FORMAT,
        operation: OperationId::new(id).expect("tests use valid names"),
        kind: OperationKind::BackupCreate,
        environment: EnvironmentName::new("local").expect("valid"),
        created_at: Timestamp(time::OffsetDateTime::UNIX_EPOCH),
        opsctl_version: "0.1.0".into(),
        severity: Severity::Mild,
        resources: vec![ResourceName::new("database").expect("valid")],
        actions: script.iter().map(action).collect(),
        preconditions: vec![Precondition {
            name: "world".into(),
            value: String::new(),
            until: None,
        }],
        context: Vec::new(),
        cost: None,
        unchecked: Vec::new(),
        point_of_no_return: None,
        inputs: serde_json::Value::Null,
    }
}
