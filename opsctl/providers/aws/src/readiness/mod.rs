//! Whether all that a failover of the region needs is in the backup region: asked there, and held against the first where that answers.
//! Changes nothing.

mod database;
mod images;
mod secrets;
mod storage;

use std::sync::Arc;

use async_trait::async_trait;
use opsctl_core::Failure;
use opsctl_core::environment::Span;
use opsctl_core::ports::{Part, Readiness};

use crate::rds::RdsSite;

/// The backup region of one environment.
pub struct AwsReadiness {
    /// Its databases in the backup region.
    pub site: Arc<RdsSite>,
    /// The path of the application's image in the registry; `None`: it has none.
    pub repository: Option<String>,
    /// How old the newest copy may be.
    pub stale_after: Span,
}

#[async_trait]
impl Readiness for AwsReadiness {
    async fn look(&self) -> Vec<Part> {
        let aws = &self.site.aws;
        let mut parts = storage::parts(aws).await;
        parts.extend(database::parts(self).await);
        parts.extend(secrets::parts(aws).await);
        parts.push(images::part(self).await);
        parts
    }
}

/// A part that could not be looked at: then nobody knows that it is there.
fn unseen(name: &str, failure: &Failure) -> Part {
    let why = failure.causes.first().map_or("", String::as_str);
    Part::lacking(
        name,
        format!("{}: {why}", failure.what),
        "runbooks/drill-failover.md",
    )
}
