//! What a drill was asked for, once every choice is made.

use crate::clock::Timestamp;
use crate::environment::Promises;
use crate::names::BackupId;
use crate::ports::{DatabaseIdentity, Location};

/// Which backup the drill restores.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(tag = "choice", rename_all = "snake_case")]
pub enum Choice {
    /// One that existed before.
    Existing {
        /// Which.
        id: BackupId,
    },
    /// One that the drill takes itself: it shows that restoring works, not that backups are made.
    Fresh {
        /// Its name: the operation's.
        id: BackupId,
    },
}

impl Choice {
    /// The backup's name.
    #[must_use]
    pub const fn id(&self) -> &BackupId {
        match self {
            Self::Existing { id } | Self::Fresh { id } => id,
        }
    }
}

/// The inputs of a drill's plan.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DrillInputs {
    /// Which backup.
    pub backup: Choice,
    /// The live database, for its administrator; `None` when it could not be reached.
    pub source: Option<Location>,
    /// Who the live database said it is.
    pub identity: Option<DatabaseIdentity>,
    /// The promises that the drill holds the measures against.
    pub promises: Promises,
    /// Whether the copy stays for a look.
    pub keep: bool,
    /// When a forgotten copy may be reaped.
    pub expires_at: Timestamp,
}
