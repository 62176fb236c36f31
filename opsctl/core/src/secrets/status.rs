//! How the secrets stand: how old, at which stages, who uses them, and what somebody has to do. Never a value.

use super::SecretKind;
use super::findings::{Looked, judge};
use super::observe::{database, logins, open_operation, retiring};
use crate::clock::Timestamp;
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
