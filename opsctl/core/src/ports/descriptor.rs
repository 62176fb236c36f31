//! The versioned descriptor that tells the application where its database is.

use async_trait::async_trait;

use super::Location;
use crate::failure::{Failure, FailureKind, Result};
use crate::guard::Permit;
use crate::names::{InstanceId, LineageId};

/// What the application may do at the moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// Everything.
    Normal,
    /// Reads only; writes get 503 and `Retry-After`.
    ReadOnly,
    /// Nothing but health; all else gets 503 and `Retry-After`.
    Maintenance,
}

impl Mode {
    /// The word that users read and write.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Normal => "normal",
            Self::ReadOnly => "read_only",
            Self::Maintenance => "maintenance",
        }
    }
}

/// `schemas/database-descriptor.schema.json`, version 1.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Descriptor {
    /// The version of the document: [`Descriptor::VERSION`].
    pub version: u32,
    /// Counts the changes; an application acknowledges the one that it applied.
    pub generation: u64,
    /// Where the application connects, without its password.
    #[serde(flatten)]
    pub location: Location,
    /// Which instance that must be.
    pub instance_id: InstanceId,
    /// Which line of history that must be.
    pub lineage_id: LineageId,
    /// What the application may do.
    pub mode: Mode,
    /// Fields of later versions, kept as they are.
    #[serde(flatten)]
    pub other: serde_json::Map<String, serde_json::Value>,
}

impl Descriptor {
    /// The version that this opsctl writes.
    pub const VERSION: u32 = 1;

    /// Somebody else wrote first: it was to be generation `expected`, and is `found`.
    #[must_use]
    pub fn changed_meanwhile(expected: u64, found: u64) -> Failure {
        Failure::new(
            FailureKind::Locked,
            "somebody else changed the database descriptor meanwhile",
        )
        .cause(format!(
            "expected generation {expected}, found generation {found}"
        ))
        .left("the descriptor is as the other one wrote it")
        .hint("opsctl operation list")
    }
}

/// The place where the descriptor lies; for the environment's administrator it also knows the way in.
#[async_trait]
pub trait Pointer: Send + Sync {
    /// The descriptor; `None` when the environment was never set up.
    async fn read(&self) -> Result<Option<Descriptor>>;

    /// Replaces the descriptor, durably and at once, if its generation is still `expected` (0: none yet).
    ///
    /// # Errors
    /// [`crate::FailureKind::Locked`] when somebody else changed it meanwhile.
    async fn replace(&self, permit: &Permit<'_>, expected: u64, new: &Descriptor) -> Result<()>;

    /// Where an administrator connects to the database that the descriptor names.
    async fn administrator(&self, descriptor: &Descriptor) -> Result<Location>;
}
