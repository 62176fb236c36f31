//! What a restore's plan tells: preconditions, facts, and what could not be checked.

use super::observe::Live;
use super::{RestoreInputs, Source};
use crate::clock::Timestamp;
use crate::engine::{Fact, Precondition};
use crate::environment::Span;
use crate::ports::{BackupRecord, Descriptor, RecoveryTarget};

use super::names::{FREEZE, step};

/// The precondition's name for the backup.
pub const BACKUP: &str = "backup manifest";
/// The precondition's name for the descriptor.
pub const DESCRIPTOR: &str = "database descriptor";

/// The backup is still the one that was planned.
pub fn backup_precondition(inputs: &RestoreInputs) -> Precondition {
    Precondition {
        name: BACKUP.into(),
        value: inputs.manifest_sha256.clone(),
        until: None,
    }
}

/// Nobody changed what the application is told, until this operation does.
pub fn descriptor_precondition(descriptor: Option<&Descriptor>) -> Precondition {
    let value = descriptor.map_or_else(
        || "none".to_owned(),
        |found| {
            format!(
                "lineage {}, generation {}, mode {}",
                found.lineage_id,
                found.generation,
                found.mode.as_str()
            )
        },
    );
    Precondition {
        name: DESCRIPTOR.into(),
        value,
        until: Some(step(FREEZE)),
    }
}

/// How far is recovered, in words.
pub fn recovery(target: &RecoveryTarget) -> String {
    match target {
        RecoveryTarget::Backup { .. } => "recover what the backup holds, in quarantine".into(),
        RecoveryTarget::Time { to, .. } => {
            format!("recover everything committed up to {to}, in quarantine")
        }
    }
}

/// What is good to know.
pub fn about(
    backup: &BackupRecord,
    live: Option<&Live>,
    inputs: &RestoreInputs,
    now: Timestamp,
) -> Vec<Fact> {
    let fact = |name: &str, value: String| Fact {
        name: name.into(),
        value,
    };
    let point = match inputs.target {
        RecoveryTarget::Backup { .. } => backup.recovery_point.taken_at,
        RecoveryTarget::Time { to, .. } => to,
    };
    let age = std::time::Duration::from_secs(point.age(now).as_secs());
    let mut facts = vec![
        fact("backup", backup.id.to_string()),
        fact("recovery point", format!("{point}, {} ago", Span(age))),
        fact("size", format!("{} bytes", backup.size_bytes)),
    ];
    if let Some(place) = &inputs.away {
        facts.push(fact("restored in", place.clone()));
    }
    if let Some(version) = backup.schema_version {
        facts.push(fact("schema version", version.to_string()));
    }
    if inputs.crossing.is_none() {
        facts.push(fact("copy expires", inputs.expires_at.to_string()));
    }
    if let (Some(_), Some(live)) = (&inputs.crossing, live) {
        facts.push(fact("live processes", live.processes.len().to_string()));
        facts.push(fact(
            "data written after the recovery point",
            "is not in the copy; it stays in the database that is set aside".into(),
        ));
    }
    facts
}

/// What a dry run can't know.
pub fn unchecked(inputs: &RestoreInputs) -> Vec<String> {
    let mut list = vec!["whether every file of the backup is whole (fetch checks it)".to_owned()];
    if let Some(old) = &inputs.crossing {
        list.push("whether every process stops writing in time (freeze waits for it)".into());
        list.push(match old.source {
            Source::Reachable => {
                "how many rows only the live database holds (account counts them)".into()
            }
            Source::Unreachable => "how much is lost: the live database does not answer".into(),
        });
    }
    list
}
