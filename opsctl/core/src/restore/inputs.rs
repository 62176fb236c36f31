//! What a restore was asked for, as its plan carries it: enough to go on anywhere.

use super::Source;
use crate::clock::Timestamp;
use crate::environment::Span;
use crate::names::{InstanceId, LineageId, ScratchName};
use crate::ports::{Location, Mode, RecoveryTarget};

/// The inputs of `opsctl restore`.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RestoreInputs {
    /// What is read, and how far it is recovered.
    pub target: RecoveryTarget,
    /// The manifest of the backup, as it was planned.
    pub manifest_sha256: String,
    /// The newest migration inside the backup; a point in time may have a newer one.
    pub schema_version: Option<i64>,
    /// The instance that the backup is of.
    pub instance_id: InstanceId,
    /// The copy.
    pub scratch: ScratchName,
    /// When the copy may be reaped.
    pub expires_at: Timestamp,
    /// The second place, where it is restored from a copy that lies there; `None`: at home.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub away: Option<String>,
    /// How it takes the live database's place; `None` when it does not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub crossing: Option<CrossingInputs>,
}

/// One side of a change of databases: the one that serves when it begins.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CrossingInputs {
    /// The instance.
    pub instance_id: InstanceId,
    /// The line of history.
    pub lineage_id: LineageId,
    /// Where the application connects.
    pub location: Location,
    /// Where an administrator connects.
    pub administrator: Location,
    /// The copy that it was restored as; `None` for a database that was never restored.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub copy: Option<ScratchName>,
    /// The mode to go back to in the end.
    pub mode: Mode,
    /// Whether it answers.
    pub source: Source,
    /// How long each process may take to acknowledge.
    pub acknowledge_within: Span,
}
