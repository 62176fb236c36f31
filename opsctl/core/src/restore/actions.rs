//! What a restore does, action by action, in the order in which it is done.

use super::names::{
    ACCOUNT, DEMOTE, DISCARD, FENCE, FETCH, FREEZE, LOCATE, PIN, PROMOTE, PROVE, SET_ASIDE, SETTLE,
    START, SWITCH, THAW, UNFENCE, UNFREEZE, UNPIN, VERIFY, VERIFY_AGAIN, step,
};
use super::{CrossingInputs, RestoreInputs, Source, facts};
use crate::engine::{Action, Effect, When};

pub(super) fn action(
    name: &'static str,
    effect: Effect,
    object: impl Into<String>,
    summary: &str,
) -> Action {
    Action {
        step: step(name),
        effect,
        object: object.into(),
        summary: summary.to_owned(),
        when: When::Success,
    }
}

/// From the backup to a copy that is proven.
pub(super) fn to_a_proven_copy(inputs: &RestoreInputs) -> Vec<Action> {
    let backup = format!("backup {}", inputs.target.backup());
    let copy = format!("copy {}", inputs.scratch);
    let read = facts::recovery(&inputs.target);
    vec![
        action(
            SETTLE,
            Effect::Destroy,
            "expired copies",
            "remove copies past their expiry; fence databases that came back",
        ),
        action(
            PIN,
            Effect::Create,
            &backup,
            "keep the backup from being pruned",
        ),
        action(LOCATE, Effect::Read, &backup, "find the backup"),
        action(
            FETCH,
            Effect::Create,
            &copy,
            "put its files in place, every one checked",
        ),
        action(START, Effect::Change, &copy, &read),
        action(
            VERIFY,
            Effect::Read,
            &copy,
            "prove that the copy is what the backup says",
        ),
    ]
}

/// From the live database to the copy: the cut-over.
pub(super) fn crossing(old: &CrossingInputs, inputs: &RestoreInputs) -> Vec<Action> {
    let copy = format!("copy {}", inputs.scratch);
    let (live, app) = (
        format!("database of lineage {}", old.lineage_id),
        "application",
    );
    let fence = match old.source {
        Source::Reachable => "make it refuse every write, proven by a write that is refused",
        Source::Unreachable => "it does not answer: owe the fence, and fence it when it comes back",
    };
    let aside = match old.source {
        Source::Reachable => "keep it, refused by role and lineage",
        Source::Unreachable => "refuse its lineage, whatever becomes of it",
    };
    vec![
        action(
            FREEZE,
            Effect::Change,
            app,
            "stop writes, and wait until every process has",
        ),
        action(FENCE, Effect::Change, &live, fence),
        action(
            ACCOUNT,
            Effect::Read,
            &live,
            "count and list what only it holds",
        ),
        action(
            VERIFY_AGAIN,
            Effect::Read,
            &copy,
            "verify the copy a last time",
        ),
        action(
            PROMOTE,
            Effect::Change,
            &copy,
            "make it primary, with effects held and sessions revoked",
        ),
        action(
            SWITCH,
            Effect::Change,
            "database descriptor",
            "point the application at it; from here there is only forward",
        ),
        action(SET_ASIDE, Effect::Change, &live, aside),
        action(
            PROVE,
            Effect::Read,
            app,
            "prove that every process is on the new lineage",
        ),
        action(UNFREEZE, Effect::Change, app, "take writes again"),
    ]
}

/// Back, when the crossing fails; and tidying up.
pub(super) fn way_back(inputs: &RestoreInputs) -> Vec<Action> {
    let copy = format!("copy {}", inputs.scratch);
    let mut actions = Vec::new();
    if let Some(old) = &inputs.crossing {
        let live = format!("database of lineage {}", old.lineage_id);
        actions.push(action(
            DEMOTE,
            Effect::Change,
            &copy,
            "put it back into quarantine",
        ));
        actions.push(action(
            UNFENCE,
            Effect::Change,
            live,
            "let it take writes again",
        ));
        actions.push(action(
            THAW,
            Effect::Change,
            "application",
            "take writes again",
        ));
    }
    actions.push(action(DISCARD, Effect::Destroy, copy, "remove it"));
    for action in &mut actions {
        action.when = When::Failure;
    }
    let backup = format!("backup {}", inputs.target.backup());
    actions.push(Action {
        when: When::Always,
        ..action(
            UNPIN,
            Effect::Destroy,
            backup,
            "let it be pruned in its turn",
        )
    });
    actions
}
