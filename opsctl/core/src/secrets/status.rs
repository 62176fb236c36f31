//! How the secrets stand: how old, at which stages, who uses them, and what somebody has to do. Never a value.

use super::observe::{database, logins, open_operation, retiring};
use super::{Retiring, SecretKind};
use crate::clock::Timestamp;
use crate::environment::Span;
use crate::failure::Result;
use crate::names::{EnvironmentName, OperationId};
use crate::ports::{Follower, LoginSession, SecretFacts, Stage, VersionFacts, World};

/// How all secrets of an environment stand.
#[derive(Debug, Clone, serde::Serialize)]
pub struct Standing {
    /// Of which environment.
    pub environment: EnvironmentName,
    /// The operation that is open on them, if one is.
    pub open_operation: Option<OperationId>,
    /// Each of them.
    pub secrets: Vec<SecretStanding>,
    /// What lies there beside them.
    pub findings: Vec<Finding>,
}

/// How one secret stands.
#[derive(Debug, Clone, serde::Serialize)]
pub struct SecretStanding {
    /// Which.
    pub secret: SecretKind,
    /// Its versions and their stages.
    pub versions: Vec<VersionFacts>,
    /// The age of the version in use.
    pub age_seconds: Option<u64>,
    /// How old it may become.
    pub policy_seconds: u64,
    /// When it is as old as that.
    pub due_at: Option<Timestamp>,
    /// Until when the version before is needed.
    pub previous_needed_until: Option<Timestamp>,
    /// Who uses it.
    pub processes: Vec<Follower>,
    /// Why nobody could be asked whether they use it.
    pub unasked: Option<String>,
    /// Of the database's credentials: who is logged in, as which of the two logins.
    pub sessions: Vec<LoginSession>,
    /// What somebody has to know or do.
    pub findings: Vec<Finding>,
}

/// Something about a secret.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Finding {
    /// Whether it breaks the promise.
    pub overdue: bool,
    /// What it is.
    pub what: String,
    /// The command that cures it.
    pub cure: String,
}

impl Standing {
    /// Whether a secret is older than it may be.
    #[must_use]
    pub fn is_overdue(&self) -> bool {
        let all = self.secrets.iter().flat_map(|secret| &secret.findings);
        all.chain(&self.findings).any(|finding| finding.overdue)
    }

    /// Whether somebody could not be asked.
    #[must_use]
    pub fn is_unknown(&self) -> bool {
        self.secrets.iter().any(|secret| secret.unasked.is_some())
    }

    /// Those that are to be rotated now.
    #[must_use]
    pub fn due(&self, now: Timestamp) -> Vec<SecretKind> {
        let due = self.secrets.iter();
        due.filter(|secret| secret.due_at.is_some_and(|due| due <= now))
            .map(|secret| secret.secret)
            .collect()
    }

    /// Those whose version before is needed no more.
    #[must_use]
    pub fn to_finish(&self, now: Timestamp) -> Vec<SecretKind> {
        let all = self.secrets.iter();
        all.filter(|secret| {
            secret
                .previous_needed_until
                .is_some_and(|until| until <= now)
        })
        .map(|secret| secret.secret)
        .collect()
    }
}

/// Looks at all of them.
///
/// # Errors
/// When the place for secrets, the processes or the database can't be asked.
pub async fn standing(world: &World) -> Result<Standing> {
    let store = &world.secrets()?.store;
    let open_operation = open_operation(world).await?;
    let mut secrets = Vec::new();
    for kind in store.kinds() {
        if let Some(facts) = store.describe(kind).await? {
            secrets.push(of_one(world, kind, facts, open_operation.as_ref()).await?);
        }
    }
    let name = &world.environment.name;
    let strays = store.strays().await?.into_iter().map(|stray| Finding {
        overdue: false,
        what: format!("'{stray}' has no policy: nobody knows how old it may become"),
        cure: format!(
            "take it away, or keep it where it is rotated: opsctl --env {name} runbook secrets"
        ),
    });
    Ok(Standing {
        environment: name.clone(),
        findings: strays.collect(),
        open_operation,
        secrets,
    })
}

async fn of_one(
    world: &World,
    kind: SecretKind,
    facts: SecretFacts,
    open: Option<&OperationId>,
) -> Result<SecretStanding> {
    let delivery = &world.secrets()?.delivery;
    let told = delivery.told(kind).await?;
    let (processes, unasked) = match &told {
        Some(mark) => match delivery.followers(kind, mark).await {
            Ok(processes) => (processes, None),
            Err(failure) => (Vec::new(), Some(failure.to_string())),
        },
        None => (Vec::new(), None),
    };
    let retiring = retiring(world, kind).await?;
    let seen = Looked {
        kind,
        told: told.is_some(),
        retiring: retiring.filter(|retiring| {
            facts
                .at(Stage::Previous)
                .is_some_and(|version| version.id == retiring.version)
        }),
        sessions: match kind {
            SecretKind::Database => sessions(world).await?,
            _ => Vec::new(),
        },
        facts,
        processes,
        unasked,
        now: world.clock.now(),
    };
    let policy = kind.may_be(&world.environment.promises);
    Ok(judge(seen, policy, open, &world.environment.name))
}

async fn sessions(world: &World) -> Result<Vec<LoginSession>> {
    let (_, administrator) = database(world).await?;
    let logins = logins(world)?;
    let mut all = Vec::new();
    for login in logins.pair() {
        all.extend(logins.sessions(&administrator, &login).await?);
    }
    Ok(all)
}

/// What was found of one secret.
#[derive(Debug, Clone)]
struct Looked {
    kind: SecretKind,
    facts: SecretFacts,
    told: bool,
    processes: Vec<Follower>,
    unasked: Option<String>,
    sessions: Vec<LoginSession>,
    retiring: Option<Retiring>,
    now: Timestamp,
}

fn judge(
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
