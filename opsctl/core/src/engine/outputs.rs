//! What the steps put out, by name; never secrets.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::failure::{Failure, FailureKind, Result};
use crate::names::StepName;

/// The outputs of the finished steps.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Outputs(BTreeMap<String, Value>);

impl Outputs {
    /// Keeps a step's output.
    pub fn put(&mut self, step: &StepName, output: Value) {
        self.0.insert(step.to_string(), output);
    }

    /// Forgets a step's output.
    pub fn forget(&mut self, step: &StepName) {
        self.0.remove(step.as_str());
    }

    /// The output of a step, if it finished.
    ///
    /// # Errors
    /// When it has another form than expected.
    pub fn find<T: serde::de::DeserializeOwned>(&self, step: &str) -> Result<Option<T>> {
        self.0.get(step).map(|value| read(step, value)).transpose()
    }

    /// The output of a step that must have finished.
    ///
    /// # Errors
    /// When it did not, or has another form.
    pub fn get<T: serde::de::DeserializeOwned>(&self, step: &str) -> Result<T> {
        self.find(step)?.ok_or_else(|| {
            Failure::new(
                FailureKind::Unknown,
                format!("step '{step}' left no output"),
            )
        })
    }
}

fn read<T: serde::de::DeserializeOwned>(step: &str, value: &Value) -> Result<T> {
    serde_json::from_value(value.clone()).map_err(|error| {
        Failure::new(
            FailureKind::Unknown,
            format!("the output of step '{step}' can't be read"),
        )
        .because(error)
        .hint("resume with the opsctl version that began this operation")
    })
}
