//! What a migration was asked for, once every choice is made.

use crate::names::{InstanceId, LineageId};
use crate::ports::{Engine, Location};

/// A database that will be made.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct NewDatabase {
    /// Its instance, for life.
    pub instance_id: InstanceId,
    /// The line of history that begins.
    pub lineage_id: LineageId,
}

/// Which database is migrated.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(tag = "database", rename_all = "snake_case")]
pub enum Target {
    /// The environment's.
    Existing {
        /// Where its administrator connects.
        location: Location,
        /// Its line of history.
        lineage_id: Option<LineageId>,
    },
    /// One that is made first.
    New(NewDatabase),
}

/// The inputs of a migration's plan.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct MigrateInputs {
    /// Which engine's migrations.
    pub engine: Engine,
    /// Which database.
    pub target: Target,
    /// The migrations, in the order in which they run, each with its checksum.
    pub versions: Vec<(i64, String)>,
    /// True when they are taken back.
    pub down: bool,
    /// The risks that were accepted, by their ids; an approval covers them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub accepted: Vec<String>,
}

impl MigrateInputs {
    /// The command that asks for the same.
    #[must_use]
    pub fn command(&self) -> String {
        match (self.down, self.versions.last()) {
            (true, Some((oldest, _))) => format!("opsctl migrate down --to {}", oldest - 1),
            _ => "opsctl migrate up".to_owned(),
        }
    }
}
