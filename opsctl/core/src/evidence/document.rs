//! The evidence document. Its fields are public and stable: later drills add, never change.

use super::RegionOf;
use crate::clock::Timestamp;
use crate::costs::Spent;
use crate::guard::Principal;
use crate::names::{BackupId, EnvironmentName, OperationId};

/// What one drill saw.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Evidence {
    /// The version of this document: [`Evidence::SCHEMA_VERSION`].
    pub schema_version: u32,
    /// Its place in the chain, from 1.
    pub sequence: u64,
    /// Which drill: `restore`, `restore-self-test`, `failover`.
    pub drill: String,
    /// The operation that ran it.
    pub operation: OperationId,
    /// Where.
    pub environment: EnvironmentName,
    /// When it began.
    pub started_at: Timestamp,
    /// When it was over.
    pub finished_at: Timestamp,
    /// What was restored.
    pub recovery_point: RecoveryPointOf,
    /// How long it took.
    pub rto: Rto,
    /// How much was lost.
    pub rpo: Rpo,
    /// Whether the restored data is whole.
    pub integrity: Integrity,
    /// Whether it equals the source's, but for what is explained.
    pub reconciliation: Reconciliation,
    /// Whether the restored server behaves like the source.
    pub fidelity: Check,
    /// Whether this run says anything about production, and why.
    pub representative: Representative,
    /// What it comes to.
    pub verdict: EvidenceVerdict,
    /// Why, when a promise did not hold; the most important first.
    pub reasons: Vec<String>,
    /// What the verifier made of planted damage; of a self-test alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub self_test: Option<SelfTestOf>,
    /// What users felt; of a failover alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failover: Option<FailoverOf>,
    /// What a failover of the region needs, beside the restore; of such a drill alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<RegionOf>,
    /// What it cost, where somebody is billed for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost: Option<Spent>,
    /// The SHA-256 of the document before this one, or 64 zeros.
    pub previous_sha256: String,
    /// The opsctl that wrote it.
    pub opsctl_version: String,
    /// Who ran the drill.
    pub principal: Principal,
    /// The signature over everything else.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signature: Option<Signature>,
}

impl Evidence {
    /// The version that this opsctl writes.
    pub const SCHEMA_VERSION: u32 = 1;
    /// What stands before the first document.
    pub const NOTHING: &str = "0000000000000000000000000000000000000000000000000000000000000000";
}

/// What was restored.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct RecoveryPointOf {
    /// From which backup; `none` of a failover, which restores none.
    pub backup_id: BackupId,
    /// When its data was taken, by the source database's clock.
    pub taken_at: Timestamp,
}

/// One part of the way from disaster to service.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Phase {
    /// `locate`, `fetch`, `restore`, `start`, `verify`, `ready`; of a failover, its steps.
    pub name: String,
    /// How long it took.
    pub seconds: f64,
}

/// How long the restore took, with cold caches.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Rto {
    /// What was promised.
    pub target_seconds: f64,
    /// The sum of the phases; of a failover, the longest time without a write.
    pub measured_seconds: f64,
    /// The phases, in order.
    pub phases: Vec<Phase>,
    /// What was done to the caches.
    pub caches: String,
    /// The same again with warm caches.
    pub warm: Option<Warm>,
}

/// The second restore, with warm caches.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Warm {
    /// The sum of the phases.
    pub measured_seconds: f64,
    /// The phases, in order; `verify` is not run again.
    pub phases: Vec<Phase>,
}

/// How the loss was measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RpoMethod {
    /// The incident's time less the newest heartbeat that survived; of a failover, by the prober's numbered rows.
    Heartbeat,
    /// The incident's time less the time in the backup's own record: heartbeats were stale.
    BackupRecord,
    /// The drill took the backup itself: shown, but no proof of the promise.
    FreshBackup,
}

/// How much was lost.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Rpo {
    /// What was promised.
    pub target_seconds: f64,
    /// What was measured.
    pub measured_seconds: f64,
    /// How.
    pub method: RpoMethod,
    /// The same by the backup's own record, as a cross-check.
    pub by_backup_record_seconds: f64,
}

/// How a level or a check came out.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Level {
    /// `engine`, `structure`, `content`, `reconciliation`, `application`.
    pub name: String,
    /// `passed`, `failed`, `not_run`, `sampled`.
    pub outcome: String,
    /// What was looked at, or what is wrong.
    pub detail: String,
}

/// Whether the restored data is whole, level by level.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Integrity {
    /// The levels, in the order in which they were run.
    pub levels: Vec<Level>,
}

/// One table, compared row by row with the source.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct TableReconciliation {
    /// The table.
    pub name: String,
    /// Rows in the restored copy.
    pub rows: u64,
    /// Rows that differ, with a trace that says why.
    pub explained: u64,
    /// Rows that differ without a reason: damage.
    pub unexplained: u64,
    /// Rows that differ where no trace exists that could explain them.
    #[serde(default)]
    pub unprovable: u64,
}

/// The comparison with the source.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Reconciliation {
    /// Table by table.
    pub tables: Vec<TableReconciliation>,
}

/// Differences that nobody intended.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Check {
    /// In words: setting, source, restored.
    pub differences: Vec<String>,
}

/// Whether the run says anything about production.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Representative {
    /// Yes or no.
    pub of_production: bool,
    /// Why.
    pub why: String,
}

/// What the verifier made of damage that was planted for it.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct SelfTestOf {
    /// Decides what is damaged: the same seed damages the same places.
    pub seed: u64,
    /// Copy by copy, in the order in which they were tried.
    pub trials: Vec<TrialOf>,
}

/// One copy, damaged or left whole.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct TrialOf {
    /// The kind of damage; `none` for a copy that was left whole.
    pub kind: String,
    /// What was damaged.
    pub planted: Option<String>,
    /// `caught`, `missed`, `quiet`, `false_alarm`, `nothing_to_damage`.
    pub outcome: String,
    /// By which level, and what it said.
    pub detail: String,
}

/// What users felt while the database failed over, by a prober that stood in for them.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct FailoverOf {
    /// `replica`, `multi-az`, `cache`, `region`.
    pub kind: String,
    /// What served before.
    pub from: String,
    /// What serves now.
    pub to: String,
    /// What the replica lacked of the log when it took over; `None` where a service answers for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub behind_bytes: Option<u64>,
    /// Writes.
    pub writes: Lane,
    /// Reads.
    pub reads: Lane,
    /// How many writes were acknowledged and are missing.
    pub lost_writes: u64,
    /// Their numbers, the first hundred.
    pub lost: Vec<u64>,
    /// How many writes nobody answered for.
    pub unanswered_writes: u64,
    /// How many of these are kept nevertheless.
    pub unanswered_kept: u64,
    /// The run died meanwhile and went on later: what users felt between was not measured.
    pub interrupted: bool,
    /// Whom the prober asked; `None`: the database.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asked: Option<String>,
    /// The longest that a read did not show what had been acknowledged before; of a cache alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stale_seconds: Option<f64>,
    /// What the service told of the failover, in its order; of a cache alone.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub events: Vec<String>,
}

/// One kind of question that users ask.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Lane {
    /// The longest time between two answers.
    pub longest_gap_seconds: f64,
    /// When it began.
    pub gap_began_at: Option<Timestamp>,
    /// How many were answered.
    pub answered: u64,
    /// How many were not.
    pub failed: u64,
    /// What was said instead of an answer, each word once.
    pub words: Vec<String>,
}

/// What a drill comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EvidenceVerdict {
    /// Every promise held.
    Passed,
    /// A promise did not hold.
    Failed,
}

/// A signature over the document without this field, spelled as compact JSON with sorted keys.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Signature {
    /// `ed25519`.
    pub algorithm: String,
    /// The first 16 hexadecimal digits of the SHA-256 of the public key.
    pub key_id: String,
    /// 128 hexadecimal digits.
    pub value: String,
}
