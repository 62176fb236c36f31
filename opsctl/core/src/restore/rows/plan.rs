//! The plan of `opsctl restore rows`, made when the copy is there and what would come back is known. Pure.

use super::super::actions::action;
use super::super::facts;
use super::super::observe::Live;
use super::{Conflict, Preview, Reason, RowsRequest};
use crate::engine::Basis;
use crate::engine::{Effect, Fact, OperationKind, Plan, Severity};
use crate::failure::{Failure, FailureKind, Result};
use crate::names::{ResourceName, ScratchName};
use crate::ports::{Copy, Location};

/// The steps of the operation.
pub mod step_names {
    /// Looks again.
    pub const SELECT: &str = "select";
    /// Writes.
    pub const INSERT: &str = "insert";
    /// Removes the copy.
    pub const DISCARD: &str = "discard";
}

/// So many conflicts are named; the count is whole.
const NAMED: usize = 10;

/// What to do about rows that can't come back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConflictRule {
    /// Bring nothing back.
    Refuse,
    /// Leave them out, and what depends on them.
    Skip,
}

/// The inputs of `opsctl restore rows`.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RowsInputs {
    /// Which rows.
    pub request: RowsRequest,
    /// The copy that they come from.
    pub copy: ScratchName,
    /// Where the copy is.
    pub from: Location,
    /// Where they go.
    pub into: Location,
    /// A SHA-256 over what would be written.
    pub digest: String,
    /// How many rows.
    pub rows: u64,
}

/// Plans to write what was found.
///
/// # Errors
/// Refuses when nothing comes back, and on conflicts unless they are to be skipped.
pub fn plan_rows(
    basis: &Basis<'_>,
    live: &Live,
    copy: &Copy,
    request: &RowsRequest,
    found: (&Preview, ConflictRule),
) -> Result<Plan> {
    let (preview, rule) = found;
    refuse(basis, copy, preview, rule)?;
    let inputs = RowsInputs {
        request: request.clone(),
        copy: copy.name.clone(),
        from: copy.location.clone(),
        into: live.administrator.clone(),
        digest: preview.digest(),
        rows: preview.rows(),
    };
    let database = format!("database of lineage {}", live.descriptor.lineage_id);
    let scratch = format!("copy {}", copy.name);
    let write = format!("write {} rows in one transaction", inputs.rows);
    let actions = vec![
        action(
            step_names::SELECT,
            Effect::Read,
            &scratch,
            "find the rows again: they must be those that were shown",
        ),
        action(step_names::INSERT, Effect::Change, database, &write),
        action(step_names::DISCARD, Effect::Destroy, scratch, "remove it"),
    ];
    let mut descriptor = facts::descriptor_precondition(Some(&live.descriptor));
    descriptor.until = None;
    Ok(Plan {
        severity: Severity::Moderate,
        resources: vec![ResourceName::new("database")?],
        actions,
        preconditions: vec![descriptor],
        context: told(copy, preview),
        unchecked: vec!["what the application writes until then: the transaction fails as a whole when it stands in the way".into()],
        ..Plan::of(OperationKind::RestoreRows, basis, &inputs)?
    })
}

fn refuse(basis: &Basis<'_>, copy: &Copy, preview: &Preview, rule: ConflictRule) -> Result<()> {
    let name = &basis.environment.name;
    let again = format!("opsctl --env {name} restore discard {}", copy.name);
    let left = format!(
        "the live database was not touched; the copy '{}' is there",
        copy.name
    );
    if !preview.conflicts.is_empty() && rule == ConflictRule::Refuse {
        let count = preview.conflicts.len();
        let mut failure = Failure::refused(format!("{count} row(s) can't come back"));
        failure.causes = preview.conflicts.iter().take(NAMED).map(words).collect();
        return Err(failure
            .left(left)
            .hint("--skip-conflicts leaves them out, and what depends on them")
            .hint(again));
    }
    if preview.rows() == 0 {
        let there: u64 = preview.tables.iter().map(|table| table.there_already).sum();
        let what = match there {
            0 => "no row of the copy fits the condition".to_owned(),
            there => format!("nothing is missing: all {there} row(s) are there already"),
        };
        return Err(Failure::new(FailureKind::Failed, what)
            .left(left)
            .hint(again));
    }
    Ok(())
}

fn words(conflict: &Conflict) -> String {
    let Conflict { table, key, reason } = conflict;
    match reason {
        Reason::Exists => {
            format!("{table} {key}: a row with that key is there, with other content")
        }
        Reason::Taken { unique, by } => {
            format!("{table} {key}: {unique} belongs to row {by} by now")
        }
        Reason::Orphan { parent } => {
            format!("{table} {key}: it refers to a row of {parent} that does not come back")
        }
    }
}

fn told(copy: &Copy, preview: &Preview) -> Vec<Fact> {
    let mut facts = vec![Fact {
        name: "as of".into(),
        value: copy.recovered_to.to_string(),
    }];
    facts.extend(preview.tables.iter().map(|table| Fact {
        name: table.table.clone(),
        value: format!(
            "{} asked for, {} that went with them, {} that they need, {} there already",
            table.wanted, table.children, table.parents, table.there_already
        ),
    }));
    let left_out = preview.conflicts.iter().take(NAMED).map(|conflict| Fact {
        name: "left out".into(),
        value: words(conflict),
    });
    facts.extend(left_out);
    facts
}
