//! How big things are that somebody is billed for.

use async_trait::async_trait;

use crate::failure::Result;
use crate::names::BackupId;

/// What an instance is billed by. What is not known is none.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Sizing {
    /// Where it stands.
    pub region: String,
    /// Its class.
    pub class: Option<String>,
    /// Whether it stands in two zones: then everything is there twice.
    pub multi_az: bool,
    /// The type of its storage.
    pub storage_type: Option<String>,
    /// How much of it there is.
    pub storage_gib: Option<u32>,
}

/// The sizes of one environment's database and its copies.
#[async_trait]
pub trait Sizes: Send + Sync {
    /// The instance that serves.
    async fn serving(&self) -> Result<Sizing>;

    /// A scratch copy that is restored from that backup; from one that is still to be taken, it is as big as what serves.
    async fn copy_of(&self, backup: &BackupId) -> Result<Sizing>;
}
