//! What seeding will do. Pure.

use super::{Table, Volume};
use crate::clock::Timestamp;
use crate::engine::{Action, Effect, OperationKind, Plan, Severity, When};
use crate::environment::{Environment, Protection};
use crate::failure::{Failure, Result};
use crate::names::{OperationId, ResourceName, StepName};
use crate::ports::Location;

/// What was asked for and what was found.
#[derive(Debug, Clone)]
pub struct Observed {
    /// The operation's id.
    pub operation: OperationId,
    /// Now.
    pub now: Timestamp,
    /// The version of opsctl.
    pub opsctl_version: String,
    /// Where the administrator connects.
    pub location: Location,
    /// How much data.
    pub volume: Volume,
}

/// The inputs of the plan.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct SeedInputs {
    /// Where the administrator connects.
    pub location: Location,
    /// How much data.
    pub volume: Volume,
}

/// The step that fills a table.
pub(super) fn step_of(table: Table) -> StepName {
    StepName::fixed(match table {
        Table::Users => "seed-users",
        Table::Posts => "seed-posts",
        Table::Comments => "seed-comments",
    })
}

/// Plans.
///
/// # Errors
/// Refuses a protected environment, and children without parents.
pub fn plan(observed: &Observed, environment: &Environment) -> Result<Plan> {
    if environment.settings.protection == Protection::Protected {
        return Err(
            Failure::refused(format!("'{}' is protected", environment.name))
                .cause("sample data never goes where real data lives")
                .left("nothing was changed"),
        );
    }
    let Volume {
        users,
        posts,
        comments,
    } = observed.volume;
    if (posts > 0 && users == 0) || (comments > 0 && posts == 0) {
        return Err(Failure::usage("posts need users, and comments need posts"));
    }
    let action = |table: Table| Action {
        step: step_of(table),
        effect: Effect::Create,
        object: table.name().to_owned(),
        summary: format!("write {} rows", table.rows(observed.volume)),
        when: When::Success,
    };
    let inputs = SeedInputs {
        location: observed.location.clone(),
        volume: observed.volume,
    };
    Ok(Plan {
        format: Plan::FORMAT,
        operation: observed.operation.clone(),
        kind: OperationKind::DataSeed,
        environment: environment.name.clone(),
        created_at: observed.now,
        opsctl_version: observed.opsctl_version.clone(),
        severity: Severity::Mild,
        // Nobody migrates or replaces the database meanwhile.
        resources: vec![ResourceName::new("database")?],
        actions: Table::ALL.into_iter().map(action).collect(),
        preconditions: Vec::new(),
        context: Vec::new(),
        cost: None,
        unchecked: Vec::new(),
        point_of_no_return: Some(step_of(Table::Users)),
        inputs: serde_json::to_value(&inputs)
            .map_err(|error| Failure::failed("the inputs can't be written").because(error))?,
    })
}
