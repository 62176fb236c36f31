//! The plan of `opsctl restore undo`. Pure.

use super::super::actions::action;
use super::super::facts;
use super::super::names::{
    ACCOUNT, DEMOTE, FENCE, FREEZE, OPEN, PROMOTE, PROVE, SET_ASIDE, SWITCH, THAW, UNFENCE,
    UNFREEZE, VERIFY, step,
};
use super::super::observe::Live;
use super::super::{CrossingInputs, CutOverWish, crossing};
use super::Aside;
use crate::engine::Basis;
use crate::engine::{Action, Effect, Fact, OperationKind, Plan, Severity, When};
use crate::environment::Span;
use crate::failure::{Failure, Result};
use crate::lineage::SetAside;
use crate::names::ResourceName;
use crate::ports::TableDifference;

/// The inputs of `opsctl restore undo`.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UndoInputs {
    /// The database that serves, and is set aside in turn.
    pub crossing: CrossingInputs,
    /// The database that serves again.
    pub back_to: SetAside,
}

/// Plans to go back.
///
/// # Errors
/// Refuses when either database does not answer, or is not what the record says.
pub fn plan_undo(
    basis: &Basis<'_>,
    live: &Live,
    aside: &Aside,
    wish: &CutOverWish,
) -> Result<Plan> {
    ready(basis, live, aside)?;
    let differences = aside.differences.clone().map_err(|failure| {
        failure
            .in_context("what going back would discard can't be counted")
            .left("nothing was changed")
    })?;
    let descriptor = &live.descriptor;
    let inputs = UndoInputs {
        crossing: CrossingInputs {
            instance_id: descriptor.instance_id,
            lineage_id: descriptor.lineage_id,
            location: descriptor.location.clone(),
            administrator: live.administrator.clone(),
            copy: live.copy.clone(),
            mode: descriptor.mode,
            source: wish.source,
            acknowledge_within: Span(wish.acknowledge_within),
        },
        back_to: aside.record.clone(),
    };
    Ok(Plan {
        severity: Severity::Severe,
        resources: vec![ResourceName::new("database")?],
        actions: actions(&inputs),
        preconditions: vec![facts::descriptor_precondition(Some(descriptor))],
        context: told(&inputs, &differences),
        unchecked: vec![
            "what is written until writes are frozen (account counts it then)".into(),
            "whether every process stops writing in time (freeze waits for it)".into(),
        ],
        point_of_no_return: Some(step(SWITCH)),
        ..Plan::of(OperationKind::RestoreUndo, basis, &inputs)?
    })
}

fn ready(basis: &Basis<'_>, live: &Live, aside: &Aside) -> Result<()> {
    let name = &basis.environment.name;
    let refuse = |what: String| Failure::refused(what).left("nothing was changed");
    if let Some(holder) = crossing::frozen_by(&live.descriptor) {
        return Err(refuse(format!("'{name}' is frozen by {holder}"))
            .hint(format!("opsctl --env {name} operation show {holder}")));
    }
    if let Err(failure) = &live.answer {
        return Err(
            refuse(format!("the live database of '{name}' does not answer"))
                .cause(failure.to_string())
                .hint(format!("opsctl --env {name} doctor")),
        );
    }
    let lineage = aside.record.lineage_id;
    match &aside.answer {
        Ok(found) if found.lineage_id == lineage => Ok(()),
        Ok(found) => Err(refuse(format!(
            "where lineage {lineage} was set aside, lineage {} answers",
            found.lineage_id
        ))),
        Err(failure) => Err(refuse(format!(
            "the database that was set aside, lineage {lineage}, does not answer"
        ))
        .cause(failure.to_string())
        .hint(format!("opsctl --env {name} doctor"))),
    }
}

fn actions(inputs: &UndoInputs) -> Vec<Action> {
    let mut list = over(inputs);
    list.extend(back(inputs));
    list
}

/// The way over.
fn over(inputs: &UndoInputs) -> Vec<Action> {
    let live = format!("database of lineage {}", inputs.crossing.lineage_id);
    let aside = format!("database of lineage {}", inputs.back_to.lineage_id);
    let app = "application";
    vec![
        action(
            FREEZE,
            Effect::Change,
            app,
            "stop writes, and wait until every process has",
        ),
        action(
            FENCE,
            Effect::Change,
            &live,
            "make it refuse every write, proven by a write that is refused",
        ),
        action(
            ACCOUNT,
            Effect::Read,
            &live,
            "count and list what would be discarded",
        ),
        action(
            VERIFY,
            Effect::Read,
            &aside,
            "prove that it is the one that was set aside",
        ),
        action(
            PROMOTE,
            Effect::Change,
            &aside,
            "make it primary, with effects held and sessions revoked",
        ),
        action(
            SWITCH,
            Effect::Change,
            "database descriptor",
            "point the application at it; from here there is only forward",
        ),
        action(
            SET_ASIDE,
            Effect::Change,
            &live,
            "keep it, refused by role and lineage",
        ),
        action(
            PROVE,
            Effect::Read,
            app,
            "prove that every process is on the other lineage",
        ),
        action(OPEN, Effect::Change, &aside, "let it take writes again"),
        action(UNFREEZE, Effect::Change, app, "take writes again"),
    ]
}

/// What is done instead of going on, when a step of the way over fails.
fn back(inputs: &UndoInputs) -> Vec<Action> {
    let live = format!("database of lineage {}", inputs.crossing.lineage_id);
    let aside = format!("database of lineage {}", inputs.back_to.lineage_id);
    let back = [
        action(DEMOTE, Effect::Change, aside, "set it aside again"),
        action(UNFENCE, Effect::Change, live, "let it take writes again"),
        action(THAW, Effect::Change, "application", "take writes again"),
    ];
    back.map(|action| Action {
        when: When::Failure,
        ..action
    })
    .to_vec()
}

fn told(inputs: &UndoInputs, differences: &[TableDifference]) -> Vec<Fact> {
    let aside = &inputs.back_to;
    let mut facts = vec![Fact {
        name: "goes back to".into(),
        value: format!(
            "lineage {}, set aside {} by {}",
            aside.lineage_id, aside.since, aside.by
        ),
    }];
    let differing: Vec<_> = differences
        .iter()
        .filter(|table| !table.is_empty())
        .collect();
    if differing.is_empty() {
        facts.push(Fact {
            name: "discards".into(),
            value: "nothing: both databases hold the same rows".into(),
        });
    }
    facts.extend(differing.iter().map(|table| Fact {
        name: format!("discards of {}", table.table),
        value: format!(
            "{} rows that only the serving database has, {} changes; {} rows come back",
            table.only_first, table.changed, table.only_second
        ),
    }));
    facts
}
