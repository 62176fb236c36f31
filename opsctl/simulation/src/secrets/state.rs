//! What there is: versions, what was handed over, processes, and what the database believes.

use std::collections::BTreeMap;

use opsctl_core::clock::Timestamp;
use opsctl_core::ports::{LoginSession, SecretValue, Stage, VersionFacts, VersionId};
use opsctl_core::secrets::SecretKind;

/// One version, with its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Version {
    pub facts: VersionFacts,
    pub value: Option<SecretValue>,
}

/// What a process was handed of one secret.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Handed {
    pub current: Option<SecretValue>,
    pub read: Vec<SecretValue>,
    pub mark: u64,
}

#[derive(Debug, Clone)]
pub(crate) struct Process {
    pub name: String,
    pub obeys: bool,
    pub has: BTreeMap<SecretKind, Handed>,
}

#[derive(Debug, Default)]
pub(crate) struct State {
    pub secrets: BTreeMap<SecretKind, Vec<Version>>,
    pub told: BTreeMap<SecretKind, Handed>,
    pub processes: Vec<Process>,
    /// What the database believes.
    pub passwords: BTreeMap<String, String>,
    pub strangers: Vec<LoginSession>,
    pub lacking: Vec<String>,
    pub calls: usize,
    pub lose_answer_of: Option<usize>,
    pub locked_out: Vec<String>,
    pub values: Vec<String>,
}

pub(super) fn login_of(value: Option<&SecretValue>) -> Option<String> {
    match value {
        Some(SecretValue::Login { user, .. }) => Some(user.clone()),
        _ => None,
    }
}

impl State {
    pub(super) fn add(
        &mut self,
        kind: SecretKind,
        id: &str,
        (value, now): (SecretValue, Timestamp),
    ) {
        self.remember(&value);
        let facts = VersionFacts {
            id: VersionId(id.into()),
            created_at: now,
            stages: vec![Stage::Current],
            login: login_of(Some(&value)),
            whole: true,
        };
        let version = Version {
            facts,
            value: Some(value),
        };
        self.secrets.entry(kind).or_default().push(version);
    }

    pub(crate) fn remember(&mut self, value: &SecretValue) {
        self.values.push(match value {
            SecretValue::Login { password, .. } => password.expose().clone(),
            SecretValue::Text(text) => text.expose().clone(),
        });
    }

    pub(crate) fn at(&self, kind: SecretKind, stage: Stage) -> Option<&Version> {
        let mut all = self.secrets.get(&kind).into_iter().flatten();
        all.find(|version| version.facts.stages.contains(&stage))
    }

    /// What a process that reads now is handed.
    pub(crate) fn wanted(&self, kind: SecretKind) -> (Option<SecretValue>, Vec<SecretValue>) {
        let value = |stage| {
            self.at(kind, stage)
                .and_then(|version| version.value.clone())
        };
        let current = value(Stage::Current);
        let pending = self.at(kind, Stage::Pending);
        let next = pending.filter(|version| version.facts.stages == [Stage::Pending]);
        let others = [
            next.and_then(|version| version.value.clone()),
            value(Stage::Previous),
        ];
        let read = others.into_iter().flatten().chain(current.clone());
        (current, read.collect())
    }

    pub(crate) fn hand_over(&mut self, kind: SecretKind) -> u64 {
        let (current, read) = self.wanted(kind);
        let told = self.told.entry(kind).or_default();
        if told.current != current || told.read != read {
            *told = Handed {
                current,
                read,
                mark: told.mark + 1,
            };
        }
        told.mark
    }

    /// One process at a time reads what it was handed: the others are behind meanwhile.
    pub(crate) fn obey(&mut self) {
        let told = self.told.clone();
        let mut behind = self
            .processes
            .iter_mut()
            .filter(|it| it.obeys && it.has != told);
        if let Some(process) = behind.next() {
            process.has = told.clone();
        }
        self.look();
    }

    /// Whether a process can't log in any more, or would refuse what another signs.
    pub(crate) fn look(&mut self) {
        let mut found = Vec::new();
        for process in &self.processes {
            if let Some(SecretValue::Login { user, password }) = process
                .has
                .get(&SecretKind::Database)
                .and_then(|it| it.current.as_ref())
                && self.passwords.get(user) != Some(password.expose())
            {
                found.push(format!("{} can't log in as {user}", process.name));
            }
            let signs = process
                .has
                .get(&SecretKind::Jwt)
                .and_then(|it| it.current.as_ref());
            let deaf = self.processes.iter().filter(|other| {
                let read = other.has.get(&SecretKind::Jwt).map(|it| it.read.as_slice());
                signs.is_some_and(|key| !read.unwrap_or_default().contains(key))
            });
            found.extend(
                deaf.map(|other| {
                    format!("{} does not read what {} signs", other.name, process.name)
                }),
            );
        }
        self.locked_out.extend(found);
    }
}
