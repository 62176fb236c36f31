//! The running application: what each process has applied, and a probe on a copy.

use async_trait::async_trait;

use super::{Location, Mode};
use crate::clock::Timestamp;
use crate::failure::Result;
use crate::guard::Permit;
use crate::names::LineageId;

/// What one application process says of itself.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct ProcessReport {
    /// The process.
    pub process_id: uuid::Uuid,
    /// Its number on its machine.
    pub pid: u32,
    /// Its role: `all`, `api`, …
    pub role: String,
    /// Where it listens.
    pub address: String,
    /// Since when.
    pub started_at: Timestamp,
    /// The generation of the descriptor that it has applied.
    pub generation: u64,
    /// The lineage that it serves from.
    pub lineage_id: LineageId,
    /// The mode that it has applied.
    pub mode: Mode,
    /// The schema that it was built for.
    pub app_schema: i64,
    /// The revision of the place for secrets that it uses as a whole; `None` where the place counts none, or the
    /// process is of a version that does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secrets_revision: Option<u64>,
    /// For how long a token that it signs is good.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token_lifetime_seconds: Option<u64>,
}

/// A row that the probe is to read through the application.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProbeRequest {
    /// The copy.
    pub location: Location,
    /// The user whose profile is read, as that user.
    pub user_id: uuid::Uuid,
}

/// What the application answered.
#[derive(Debug, Clone, PartialEq)]
pub struct ProbeAnswer {
    /// The HTTP status.
    pub status: u16,
    /// The body.
    pub body: serde_json::Value,
    /// From the start of the process to ready, in seconds.
    pub ready_seconds: f64,
}

/// The application's processes in one environment.
#[async_trait]
pub trait Application: Send + Sync {
    /// The living processes; leftovers of dead ones are left out.
    async fn processes(&self) -> Result<Vec<ProcessReport>>;

    /// Starts the application with `--role probe` on a copy, asks one question, stops it.
    async fn probe(&self, permit: &Permit<'_>, request: &ProbeRequest) -> Result<ProbeAnswer>;
}
