//! The settings of one environment, by capability.

use super::Span;
use crate::engine::OperationKind;
use crate::image::Repository;

/// How locks are held.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LockSettings {
    /// How long a holder may stay silent before another may take over.
    pub lease: Span,
}

impl Default for LockSettings {
    fn default() -> Self {
        Self {
            lease: Span::seconds(15),
        }
    }
}

/// Who may run what.
#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct GuardSettings {
    /// Operations that may run with nobody watching.
    pub unattended: Vec<OperationKind>,
    /// How many approvers a plan needs, beside the one who runs it.
    pub approvers: u32,
}

/// Backups.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct BackupSettings {
    /// `list` and `doctor` warn when the newest backup is older than this.
    pub stale_after: Span,
    /// So many good backups are always kept, whatever their age; at least 1.
    pub floor: u32,
}

impl Default for BackupSettings {
    fn default() -> Self {
        Self {
            stale_after: Span::seconds(25 * 3600),
            floor: 2,
        }
    }
}

/// Restore drills.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct DrillSettings {
    /// Heartbeats older than this at the drill's start prove nothing: the RPO then comes from the record.
    pub heartbeat_stale_after: Span,
    /// Tables above this many rows may be sampled; the report then does not satisfy the integrity promise.
    pub sample_above_rows: u64,
    /// Reading the live source takes at most this long.
    pub source_read_limit: Span,
    /// A forgotten copy may be reaped after this.
    pub scratch_expires_after: Span,
}

impl Default for DrillSettings {
    fn default() -> Self {
        Self {
            heartbeat_stale_after: Span::seconds(60),
            sample_above_rows: 50_000_000,
            source_read_limit: Span::seconds(30 * 60),
            scratch_expires_after: Span::seconds(24 * 3600),
        }
    }
}

/// Migrations.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct MigrateSettings {
    /// How long one attempt waits for a lock.
    pub lock_timeout: Span,
    /// How many attempts there are.
    pub attempts: u32,
    /// Statements that rewrite or lock a table above this size need `--accept-risk`.
    pub risky_above_bytes: u64,
}

impl Default for MigrateSettings {
    fn default() -> Self {
        Self {
            lock_timeout: Span::seconds(2),
            attempts: 10,
            risky_above_bytes: 1 << 30,
        }
    }
}

/// What the tag `latest` does when a deploy has passed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Latest {
    /// Nothing: `opsctl image promote` moves it.
    #[default]
    Stays,
    /// It names the version that serves: for production.
    FollowsDeploys,
}

/// Secrets.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SecretSettings {
    /// Tokens are good for at most this long; more where a process says so (`JWT_EXPIRATION`).
    pub token_lifetime: Span,
    /// Clocks of processes differ by less than this.
    pub clock_skew: Span,
}

impl Default for SecretSettings {
    fn default() -> Self {
        Self {
            token_lifetime: Span::seconds(3600),
            clock_skew: Span::seconds(60),
        }
    }
}

/// Images.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ImageSettings {
    /// Where the environment's images are kept: `<registry>/<path>`, without a tag. The image of opsctl itself lies
    /// beside, with `-opsctl` behind the path.
    pub repository: Repository,
    /// Whether the tag `latest` follows what is deployed here.
    #[serde(default)]
    pub latest: Latest,
}

/// What explains a row that differs between the live database and a copy, for a table without row versions.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChangeTrace {
    /// A column that grows with every change, in commit order.
    #[serde(default)]
    pub change_column: Option<String>,
    /// A table that names deleted keys (`entity`, `entity_id`).
    #[serde(default)]
    pub deletion_log: Option<String>,
}
