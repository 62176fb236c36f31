//! `cluster.json`: what a cluster is, whose it is, and how it may be reached.
//!
//! It lies beside PostgreSQL's folder, so that it never travels with a backup.

use opsctl_core::{
    Failure, Result,
    clock::Timestamp,
    names::{LineageId, OperationId, ScratchName},
    ports::{Isolation, Position, RecoveryTarget},
};

use super::{
    account::Account,
    durable,
    layout::{ClusterFolder, QUARANTINED_PORT},
};

/// The version of the document that this opsctl writes.
const VERSION: u32 = 1;

/// What a cluster is.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct ClusterRecord {
    /// The version of the document.
    pub version: u32,
    /// The line of history that it holds, or will hold after promotion.
    pub lineage_id: LineageId,
    /// Whether the application may reach it.
    pub isolation: Isolation,
    /// The TCP port on 127.0.0.1 when it serves; 0 until it did.
    pub port: u16,
    /// Set when it was restored; none for a cluster that began empty.
    #[serde(default)]
    pub copy: Option<CopyRecord>,
}

/// Where a copy came from.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct CopyRecord {
    /// Its name.
    pub name: ScratchName,
    /// The operation that made it.
    pub owner: OperationId,
    /// When it may be reaped.
    pub expires_at: Timestamp,
    /// How far it is recovered; none for a replica.
    #[serde(default)]
    pub target: Option<RecoveryTarget>,
    /// The lineage that it was copied from.
    pub source: LineageId,
    /// Everything committed at or before this moment is in it.
    pub recovered_to: Timestamp,
    /// How recovery finds its end.
    pub stop: RecoveryStop,
    /// The timeline that the source was on.
    pub source_timeline: u32,
    /// The run of the machine that it was made in; its files are not synced.
    pub boot: String,
    /// Whether it ever left quarantine: then it is synced, and may hold what exists nowhere else.
    #[serde(default)]
    pub served: bool,
    /// The next transaction id where recovery paused.
    #[serde(default)]
    pub paused_at: Option<u64>,
    /// How far a replica was when it was opened.
    #[serde(default)]
    pub caught_up: Option<Position>,
    /// Known once it was promoted.
    #[serde(default)]
    pub promotion: Option<Promotion>,
}

/// Where recovery stops.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(tag = "at", rename_all = "snake_case")]
pub enum RecoveryStop {
    /// As soon as the backup is consistent.
    Consistent,
    /// Before the first commit that is later than this.
    Time {
        /// The moment.
        time: Timestamp,
    },
    /// It follows a database until it is opened.
    Never {
        /// How it connects there.
        source: String,
    },
    /// After the record at this position of the log.
    Position {
        /// Such as `0/1524C48`.
        lsn: String,
    },
}

/// What was seen when a copy was promoted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Promotion {
    /// The next transaction id, before any write of the copy.
    pub next_transaction_id: u64,
    /// The timeline that it began.
    pub timeline: u32,
}

impl ClusterRecord {
    /// A cluster that begins empty.
    #[must_use]
    pub const fn empty(lineage_id: LineageId, port: u16) -> Self {
        Self {
            version: VERSION,
            lineage_id,
            isolation: Isolation::Serving,
            port,
            copy: None,
        }
    }

    /// A quarantined copy.
    #[must_use]
    pub const fn copy(lineage_id: LineageId, copy: CopyRecord) -> Self {
        Self {
            version: VERSION,
            lineage_id,
            isolation: Isolation::Quarantined,
            port: 0,
            copy: Some(copy),
        }
    }

    /// The port in the name of its socket.
    #[must_use]
    pub fn socket_port(&self) -> u16 {
        match self.isolation {
            Isolation::Serving => self.port,
            Isolation::Quarantined => QUARANTINED_PORT,
        }
    }

    /// Reads it; `None` when the folder holds no cluster.
    ///
    /// # Errors
    /// When it can't be read or was written by a newer opsctl.
    pub fn read(folder: &ClusterFolder) -> Result<Option<Self>> {
        let path = folder.record();
        let Some(text) = durable::read_if_there(&path)? else {
            return Ok(None);
        };
        let broken = |error: serde_json::Error| {
            Failure::failed(format!("{} can't be read", path.display())).because(error)
        };
        let value: serde_json::Value = serde_json::from_str(&text).map_err(broken)?;
        if let Some(newer) = value["version"].as_u64()
            && newer > u64::from(VERSION)
        {
            return Err(Failure::usage(format!(
                "{} was written by a newer opsctl (version {newer})",
                path.display()
            ))
            .hint("use that version of opsctl"));
        }
        serde_json::from_value(value).map(Some).map_err(broken)
    }

    /// Writes it, durably.
    pub(crate) fn write(&self, account: &Account, folder: &ClusterFolder) -> Result<()> {
        let bytes = serde_json::to_vec_pretty(self).map_err(|error| {
            Failure::failed("the record of a cluster can't be written").because(error)
        })?;
        durable::replace(&folder.record(), &bytes)?;
        account.own(&folder.record())
    }
}
