//! What somebody has to know or do about a secret, out of what was found of it. Never asks anybody.

use super::{Finding, Retiring, SecretKind, SecretStanding};
use crate::clock::Timestamp;
use crate::environment::Span;
use crate::names::{EnvironmentName, OperationId};
use crate::ports::{Follower, LoginSession, SecretFacts, Stage};

/// What was found of one secret.
#[derive(Debug, Clone)]
pub(super) struct Looked {
    pub kind: SecretKind,
    pub facts: SecretFacts,
    pub told: bool,
    pub processes: Vec<Follower>,
    pub unasked: Option<String>,
    pub sessions: Vec<LoginSession>,
    pub retiring: Option<Retiring>,
    pub now: Timestamp,
}

/// What that means.
pub(super) fn judge(
    seen: Looked,
    policy: Span,
    open: Option<&OperationId>,
    name: &EnvironmentName,
) -> SecretStanding {
    let current = seen.facts.at(Stage::Current);
    let age = current.map(|version| version.created_at.age(seen.now));
    let due_at = current.map(|version| version.created_at.plus(policy.0));
    let mut findings = Vec::new();
    findings.extend(too_old(&seen, due_at, name));
    findings.extend(rotated_by_others(&seen));
    findings.extend(nobody_asked(&seen, name));
    match open {
        Some(operation) => findings.push(Finding {
            overdue: false,
            what: format!("{operation} is open"),
            cure: format!("opsctl --env {name} operation resume {operation}"),
        }),
        None => findings.extend(left_over(&seen, name)),
    }
    SecretStanding {
        secret: seen.kind,
        versions: seen.facts.versions.clone(),
        age_seconds: age.map(|age| age.as_secs()),
        policy_seconds: policy.0.as_secs(),
        due_at,
        previous_needed_until: seen.retiring.map(|retiring| retiring.needed_until),
        processes: seen.processes,
        unasked: seen.unasked,
        sessions: seen.sessions,
        findings,
    }
}

fn too_old(seen: &Looked, due_at: Option<Timestamp>, name: &EnvironmentName) -> Option<Finding> {
    let kind = seen.kind;
    let due = due_at.filter(|due| *due <= seen.now)?;
    Some(Finding {
        overdue: true,
        what: format!("'{kind}' has been due since {due}"),
        cure: format!("opsctl --env {name} secrets rotate {kind}"),
    })
}

fn nobody_asked(seen: &Looked, name: &EnvironmentName) -> Option<Finding> {
    let (kind, why) = (seen.kind, seen.unasked.as_ref()?);
    Some(Finding {
        overdue: false,
        what: format!("nobody could be asked whether they use '{kind}': {why}"),
        cure: format!("opsctl --env {name} status"),
    })
}

fn rotated_by_others(seen: &Looked) -> Option<Finding> {
    let (kind, other) = (seen.kind, seen.facts.rotated_by.as_ref()?);
    Some(Finding {
        overdue: false,
        what: format!("'{kind}' is rotated by {other}; opsctl leaves it alone"),
        cure: "switch that off: a secret has one who rotates it".into(),
    })
}

/// What no running operation accounts for.
fn left_over(seen: &Looked, name: &EnvironmentName) -> Vec<Finding> {
    let kind = seen.kind;
    let finding = |what: String, cure: &str| Finding {
        overdue: false,
        what,
        cure: format!("opsctl --env {name} secrets {cure}"),
    };
    let rotate = format!("rotate {kind}");
    let mut findings = Vec::new();
    if let Some(pending) = seen.facts.pending() {
        let what = format!(
            "version {} is pending, and no operation is open",
            pending.id
        );
        findings.push(finding(what, &rotate));
    }
    if !seen.told {
        let what =
            format!("what the application is handed of '{kind}' is not what its place holds");
        findings.push(finding(what, &rotate));
    }
    for follower in seen.processes.iter().filter(|follower| !follower.follows) {
        findings.push(Finding {
            overdue: false,
            what: format!("{} {}", follower.name, follower.says),
            cure: "look at its log; end it and start it again".into(),
        });
    }
    let login = seen
        .facts
        .at(Stage::Current)
        .and_then(|version| version.login.as_ref());
    let others = seen
        .sessions
        .iter()
        .filter(|session| Some(&session.login) != login);
    findings.extend(others.map(|session| Finding {
        overdue: false,
        what: format!("logged in as the login that is not in use: {session}"),
        cure: "end that session, or restart who holds it".into(),
    }));
    findings.extend(finishable(seen, name));
    findings
}

fn finishable(seen: &Looked, name: &EnvironmentName) -> Option<Finding> {
    let kind = seen.kind;
    let previous = seen.facts.at(Stage::Previous).filter(|_| kind.overlaps())?;
    let since = match &seen.retiring {
        Some(retiring) if retiring.needed_until > seen.now => return None,
        Some(retiring) => format!("and needed no more since {}", retiring.needed_until),
        None => "until somebody says that it is needed no more".to_owned(),
    };
    Some(Finding {
        overdue: false,
        what: format!(
            "version {} of '{kind}', the one before, is believed {since}",
            previous.id
        ),
        cure: format!("opsctl --env {name} secrets rotate {kind} --finish"),
    })
}
