//! What a drill will do. Pure: what was observed in, a plan out.

use super::steps::names;
use super::{Choice, DrillInputs};
use crate::clock::Timestamp;
use crate::doctor::reap_action;
use crate::engine::{Action, Effect, Fact, OperationKind, Plan, Precondition, Severity, When};
use crate::environment::Environment;
use crate::failure::{Failure, Result};
use crate::names::{BackupId, OperationId};
use crate::ports::{BackupRecord, DatabaseIdentity, Location};

/// Which backup was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wish {
    /// The newest; where there is none, one is taken.
    Newest,
    /// Any; the number chooses.
    Random(u32),
    /// That one.
    Named(BackupId),
    /// One that the drill takes.
    Fresh,
}

/// What the drill was asked for, and what was found.
#[derive(Debug, Clone)]
pub struct Observed {
    /// The operation's id.
    pub operation: OperationId,
    /// Now.
    pub now: Timestamp,
    /// The complete backups, oldest data first.
    pub backups: Vec<BackupRecord>,
    /// The live database, where it answered.
    pub source: Option<(Location, Option<DatabaseIdentity>)>,
    /// Which backup.
    pub wish: Wish,
    /// Whether the copy stays.
    pub keep: bool,
    /// The version of opsctl.
    pub opsctl_version: String,
}

/// Plans a restore drill.
///
/// # Errors
/// When the backup that was asked for does not exist, or none exists and none can be taken.
pub fn plan(observed: &Observed, environment: &Environment) -> Result<Plan> {
    let backup = choose(observed)?;
    if matches!(backup, Choice::Fresh { .. }) && observed.source.is_none() {
        return Err(nothing_to_take(environment));
    }
    let expires_at = observed
        .now
        .plus(environment.settings.drill.scratch_expires_after.0);
    let (source, identity) = match observed.source.clone() {
        Some((location, identity)) => (Some(location), identity),
        None => (None, None),
    };
    let inputs = DrillInputs {
        backup: backup.clone(),
        source,
        identity,
        promises: environment.promises,
        keep: observed.keep,
        expires_at,
    };
    Ok(Plan {
        format: Plan::FORMAT,
        operation: observed.operation.clone(),
        kind: OperationKind::DrillRestore,
        environment: environment.name.clone(),
        created_at: observed.now,
        opsctl_version: observed.opsctl_version.clone(),
        severity: Severity::Mild,
        // A drill reads and makes scratch: it never stands in the way of a rollback.
        resources: Vec::new(),
        actions: actions(observed, &backup)?,
        preconditions: preconditions(&inputs),
        context: context(observed, &backup),
        cost: None,
        unchecked: unchecked(observed),
        point_of_no_return: None,
        inputs: serde_json::to_value(&inputs)
            .map_err(|error| Failure::failed("the inputs can't be written").because(error))?,
    })
}

fn choose(observed: &Observed) -> Result<Choice> {
    let existing = |record: &BackupRecord| Choice::Existing {
        id: record.id.clone(),
    };
    let fresh = || Choice::Fresh {
        id: observed.operation.backup(),
    };
    let backups = &observed.backups;
    match &observed.wish {
        Wish::Fresh => Ok(fresh()),
        Wish::Newest => Ok(backups.last().map_or_else(fresh, existing)),
        Wish::Random(number) => {
            let place = *number as usize % backups.len().max(1);
            Ok(backups.get(place).map_or_else(fresh, existing))
        }
        Wish::Named(id) => backups
            .iter()
            .find(|record| record.id == *id)
            .map(existing)
            .ok_or_else(|| {
                Failure::usage(format!("there is no complete backup '{id}'"))
                    .hint("opsctl backup list")
            }),
    }
}

fn nothing_to_take(environment: &Environment) -> Failure {
    let name = &environment.name;
    Failure::refused(format!(
        "'{name}' has no backup, and no database to take one of"
    ))
    .left("nothing was changed")
    .hint(format!("opsctl --env {name} migrate up"))
    .hint(format!("opsctl --env {name} doctor"))
}

fn actions(observed: &Observed, backup: &Choice) -> Result<Vec<Action>> {
    let (id, scratch) = (backup.id().as_str(), observed.operation.scratch());
    let fresh = matches!(backup, Choice::Fresh { .. });
    rows(id, scratch.as_str())
        .into_iter()
        .filter(|(step, ..)| match *step {
            names::TAKE => fresh,
            names::DISCARD => !observed.keep,
            _ => true,
        })
        .map(|(step, effect, object, summary)| {
            Ok(Action {
                step: crate::names::StepName::new(step)?,
                effect,
                object: object.to_owned(),
                summary: summary.to_owned(),
                when: match step {
                    names::DISCARD | names::UNPIN => When::Always,
                    _ => When::Success,
                },
            })
        })
        .chain(std::iter::once(Ok(reap_action())))
        .collect()
}

/// Every step that a drill may have, in order: its name, what it does, to what, and why.
#[rustfmt::skip]
fn rows<'a>(id: &'a str, scratch: &'a str) -> [(&'static str, Effect, &'a str, &'static str); 14] {
    use Effect::{Change, Create, Destroy, Read};
    [
        (names::TAKE, Create, id, "take a backup, because there is none"),
        (names::OBSERVE, Read, "the live database", "note the time of the incident"),
        (names::PIN, Create, id, "pin the backup against pruning"),
        (names::LOCATE, Read, id, "find the backup"),
        (names::CHILL, Change, id, "empty the caches"),
        (names::FETCH, Create, scratch, "bring the files back, each one checked"),
        (names::RESTORE, Create, scratch, "recover, quarantined"),
        (names::START, Read, scratch, "wait for the first answer"),
        (names::VERIFY, Read, scratch, "prove the data whole"),
        (names::READY, Read, scratch, "read a row through the application"),
        (names::WARM, Create, scratch, "restore again with warm caches"),
        (names::EVIDENCE, Create, "evidence", "sign what was seen"),
        (names::DISCARD, Destroy, scratch, "end the copy"),
        (names::UNPIN, Destroy, id, "take the pin away"),
    ]
}

fn preconditions(inputs: &DrillInputs) -> Vec<Precondition> {
    let lineage = inputs
        .identity
        .as_ref()
        .map(|identity| identity.lineage_id.to_string());
    let named = |value| Precondition {
        name: "live lineage".into(),
        value,
        until: None,
    };
    lineage.map(named).into_iter().collect()
}

fn context(observed: &Observed, backup: &Choice) -> Vec<Fact> {
    let record = observed
        .backups
        .iter()
        .find(|record| record.id == *backup.id());
    let mut facts = Vec::new();
    if let Some(record) = record {
        let taken = record.recovery_point.taken_at;
        let age = humantime::format_duration(std::time::Duration::from_secs(
            taken.age(observed.now).as_secs(),
        ));
        facts.push(Fact {
            name: "data taken".into(),
            value: format!("{taken}, {age} ago"),
        });
        facts.push(Fact {
            name: "size".into(),
            value: format!("{} bytes", record.size_bytes),
        });
    }
    facts
}

fn unchecked(observed: &Observed) -> Vec<String> {
    match observed.source {
        Some(_) => Vec::new(),
        None => {
            vec!["the live database does not answer: nothing can be reconciled with it".to_owned()]
        }
    }
}
