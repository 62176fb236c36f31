//! What a rotation does. Pure.

use super::inputs::{Goal, LoginChange, Origin, RotateInputs};
use super::observe::{LoginsSeen, Seen};
use super::parts::{Part, parts};
use super::{RESOURCE, SecretKind};
use crate::engine::{Basis, Fact, OperationKind, Plan, Precondition, Severity};
use crate::environment::Span;
use crate::failure::{Failure, Result};
use crate::names::{ResourceName, StepName};
use crate::ports::{SecretFacts, Stage, VersionFacts};

/// What was asked for.
#[derive(Debug, Clone, Copy)]
pub struct Wish {
    /// To rotate, or to prove that it can be done.
    pub goal: Goal,
    /// Whether whoever runs it gives the value.
    pub given: bool,
    /// How long every process may take to follow.
    pub within: Span,
}

/// Plans a rotation.
///
/// # Errors
/// Refuses when somebody else rotates the secret, when the value before is still needed, or when a value is
/// missing that only somebody else can give.
pub fn plan(seen: &Seen, wish: &Wish, basis: &Basis<'_>) -> Result<Plan> {
    let kind = seen.kind;
    allowed(seen, wish, basis)?;
    let (origin, unfit) = origin(seen, wish);
    let before = seen.facts.at(Stage::Current);
    let version = match (&origin, seen.facts.pending()) {
        (Origin::Pending, Some(pending)) => pending.id.clone(),
        _ => RotateInputs::version_of(&basis.operation, kind),
    };
    let inputs = RotateInputs {
        kind,
        goal: wish.goal,
        origin,
        before: before.map(|version| version.id.clone()),
        version,
        unfit,
        logins: seen.logins.as_ref().map(|logins| change(logins, before)),
        prepare: seen
            .logins
            .as_ref()
            .is_some_and(|logins| !logins.lacking.is_empty()),
        overlap: overlap(seen, basis),
        within: wish.within,
    };
    let parts = parts(&inputs);
    Ok(Plan {
        severity: Severity::Moderate,
        resources: locked(kind)?,
        actions: parts.iter().map(Part::action).collect(),
        preconditions: vec![precondition(kind, &seen.facts)],
        context: facts(seen, &inputs, basis),
        point_of_no_return: Some(StepName::fixed(no_return(kind))),
        ..Plan::of(OperationKind::SecretsRotate, basis, &inputs)?
    })
}

/// An administrator has one login: once it was given the new password, that must not be lost.
const fn no_return(kind: SecretKind) -> &'static str {
    match kind {
        SecretKind::Master => super::parts::ADMINISTRATOR,
        _ => super::parts::MOVE,
    }
}

/// The credentials of the database stand in its descriptor: a cut-over must not come in between. Nor may anybody need the
/// administrator between its new password and the moment when its secret says so.
fn locked(kind: SecretKind) -> Result<Vec<ResourceName>> {
    let database = matches!(kind, SecretKind::Database | SecretKind::Master).then_some("database");
    let all = database.into_iter().chain([RESOURCE]);
    all.map(ResourceName::new).collect()
}

fn allowed(seen: &Seen, wish: &Wish, basis: &Basis<'_>) -> Result<()> {
    let (kind, name) = (seen.kind, &basis.environment.name);
    if let Some(other) = &seen.facts.rotated_by {
        return Err(Failure::refused(format!("'{kind}' is rotated by {other}"))
            .cause("a secret has one who rotates it")
            .left("nothing was changed"));
    }
    if kind.is_given() && !wish.given && seen.facts.pending().is_none() {
        return Err(super::generate::not_given(kind).left("nothing was changed"));
    }
    if wish.goal == Goal::Drill && seen.facts.at(Stage::Current).is_none() {
        return Err(
            Failure::refused(format!("there is no '{kind}' to go back to"))
                .hint(format!("opsctl --env {name} secrets init")),
        );
    }
    if wish.goal == Goal::Drill && kind == SecretKind::Master {
        return Err(
            Failure::refused("the administrator's password is not drilled")
                .cause("it has one login: going back would be a second change, not a proof of the first")
                .left("nothing was changed")
                .hint(format!("opsctl --env {name} secrets rotate master")),
        );
    }
    let previous = seen.facts.at(Stage::Previous).map(|version| &version.id);
    match &seen.retiring {
        Some(retiring) if previous == Some(&retiring.version) && basis.now < retiring.needed_until => {
            Err(Failure::refused(format!("the '{kind}' before the present one is still needed"))
                .cause(format!("what was made with it is good until {}", retiring.needed_until))
                .cause("a place for secrets holds one before the present one: a rotation now would take it away")
                .left("nothing was changed")
                .hint(format!("opsctl --env {name} secrets rotate {kind} --finish")))
        }
        _ => Ok(()),
    }
}

/// A pending version that a run left is used, unless it is of no use.
fn origin(seen: &Seen, wish: &Wish) -> (Origin, Option<crate::ports::VersionId>) {
    let fresh = if wish.given {
        Origin::Given
    } else {
        Origin::MadeUp
    };
    let Some(pending) = seen.facts.pending() else {
        return (fresh, None);
    };
    let idle = seen
        .logins
        .as_ref()
        .map(|logins| change(logins, seen.facts.at(Stage::Current)).to);
    let fits = pending.whole && pending.login == idle && !wish.given;
    match fits {
        true => (Origin::Pending, None),
        false => (fresh, Some(pending.id.clone())),
    }
}

fn change(logins: &LoginsSeen, before: Option<&VersionFacts>) -> LoginChange {
    let [one, other] = logins.pair.clone();
    match before.and_then(|version| version.login.as_ref()) {
        Some(login) if *login == one => LoginChange {
            from: one,
            to: other,
        },
        _ => LoginChange {
            from: other,
            to: one,
        },
    }
}

/// A token lives as long as whoever signs says, or longer where `opsctl.yaml` says so; clocks differ.
fn overlap(seen: &Seen, basis: &Basis<'_>) -> Option<Span> {
    let settings = &basis.environment.settings.secrets;
    match seen.kind {
        SecretKind::Jwt if seen.facts.at(Stage::Current).is_some() => {
            let told = seen.token_lifetime.unwrap_or_default();
            Some(Span(
                told.max(settings.token_lifetime.0) + settings.clock_skew.0,
            ))
        }
        _ => None,
    }
}

/// Nobody else moved it.
pub(super) fn precondition(kind: SecretKind, facts: &SecretFacts) -> Precondition {
    let current = facts.at(Stage::Current);
    Precondition {
        name: format!("current version of {kind}"),
        value: current.map_or_else(|| "none".into(), |version| version.id.to_string()),
        until: Some(StepName::fixed(super::parts::MOVE)),
    }
}

fn facts(seen: &Seen, inputs: &RotateInputs, basis: &Basis<'_>) -> Vec<Fact> {
    let fact = |name: &str, value: String| Fact {
        name: name.into(),
        value,
    };
    let mut facts = Vec::new();
    if let Some(current) = seen.facts.at(Stage::Current) {
        let age = Span::seconds(current.created_at.age(basis.now).as_secs());
        let policy = seen.kind.may_be(&basis.environment.promises);
        facts.push(fact("age", format!("{age} of {policy}")));
    }
    if let Some(logins) = &inputs.logins {
        facts.push(fact(
            "login",
            format!("{} now, {} then", logins.from, logins.to),
        ));
    }
    if let Some(overlap) = inputs.overlap {
        let value = format!(
            "read for {overlap} after it stopped to sign; then: secrets rotate jwt --finish"
        );
        facts.push(fact("the key before", value));
    }
    if let Some(unfit) = &inputs.unfit {
        facts.push(fact(
            "dropped",
            format!("the pending version {unfit}, which is of no use"),
        ));
    }
    facts
}
