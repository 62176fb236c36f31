//! The list of checks and what came of them.

use std::time::Duration;

use crate::failure::{Failure, Result};
use crate::ports::World;

use super::{backups, database, evidence, leftovers, operations, processes, region};

/// How much a finding matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// Good to know; nothing is broken.
    Advice,
    /// A promise is at risk or broken, or somebody has to act.
    Trouble,
}

/// Something that was found.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Finding {
    /// How much it matters.
    pub level: Level,
    /// What is wrong.
    pub what: String,
    /// What cures it: commands, or advice.
    pub cure: Vec<String>,
}

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Check {
    /// What.
    pub name: String,
    /// What it is like, when it could be looked at.
    pub found: Option<String>,
    /// What is wrong with it.
    pub findings: Vec<Finding>,
}

/// All that was looked at.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Diagnosis {
    /// In the order in which somebody would cure it.
    pub checks: Vec<Check>,
}

impl Diagnosis {
    /// True when somebody has to act.
    #[must_use]
    pub fn is_troubled(&self) -> bool {
        self.findings()
            .any(|finding| finding.level == Level::Trouble)
    }

    /// Every finding.
    pub fn findings(&self) -> impl Iterator<Item = &Finding> {
        self.checks.iter().flat_map(|check| &check.findings)
    }
}

/// How long to watch whether a holder of a lock still lives.
#[derive(Debug, Clone, Copy)]
pub struct Patience(pub Duration);

/// Looks at everything.
pub async fn examine(world: &World, patience: Patience) -> Diagnosis {
    let mut checks = vec![
        check("state", operations::state(world).await),
        check("operations", operations::open(world, patience).await),
    ];
    checks.extend(database::checks(world).await);
    checks.push(check("processes", processes::examine(world).await));
    checks.push(check("backups", backups::examine(world).await));
    if let Some(away) = &world.away {
        checks.push(check("backup region", region::examine(world, away).await));
    }
    checks.push(check("restore drill", evidence::drill(world).await));
    checks.push(check("evidence", evidence::chain(world).await));
    checks.push(check("copies", leftovers::copies(world).await));
    if world
        .away
        .as_ref()
        .is_some_and(|away| away.abroad.is_some())
    {
        checks.push(check("abroad", leftovers::namespaces(world).await));
    }
    checks.push(check("set aside", leftovers::set_aside(world).await));
    Diagnosis { checks }
}

/// What a check saw, and what is wrong.
pub(super) type Seen = (String, Vec<Finding>);

/// A check that failed is a finding.
pub(super) fn check(name: &str, seen: Result<Seen>) -> Check {
    match seen {
        Ok((found, findings)) => Check {
            name: name.to_owned(),
            found: Some(found),
            findings,
        },
        Err(failure) => Check {
            name: name.to_owned(),
            found: None,
            findings: vec![of_failure(failure)],
        },
    }
}

fn of_failure(failure: Failure) -> Finding {
    let what = failure.to_string();
    // The failures of other rooms send people here.
    let mut cure = failure.hints;
    cure.retain(|hint| !hint.starts_with("opsctl doctor"));
    cure.extend(failure.runbook);
    Finding {
        level: Level::Trouble,
        what,
        cure,
    }
}

impl Finding {
    pub(super) fn trouble(what: impl Into<String>, cure: impl Into<String>) -> Self {
        Self {
            level: Level::Trouble,
            what: what.into(),
            cure: vec![cure.into()],
        }
    }

    pub(super) fn advice(what: impl Into<String>, cure: impl Into<String>) -> Self {
        Self {
            level: Level::Advice,
            ..Self::trouble(what, cure)
        }
    }

    pub(super) fn or(mut self, cure: impl Into<String>) -> Self {
        self.cure.push(cure.into());
        self
    }
}

/// A command in this environment, as somebody would type it.
pub(super) fn command(world: &World, words: &str) -> String {
    match world.environment.name.as_str() {
        "local" => format!("opsctl {words}"),
        name => format!("opsctl --env {name} {words}"),
    }
}
