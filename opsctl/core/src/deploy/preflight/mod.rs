//! Everything that would fail, found before anything is written, and told all at once.
//!
//! Owns the checks. Never writes, and never stops at the first finding.

mod budget;
mod finding;
mod headroom;
mod platforms;
mod references;
mod rights;
mod schema;

pub(super) use platforms::unfit;
pub(super) use schema::unservable;

pub use finding::{Preflight, PreflightFinding, Weight};

use super::inputs::DeployInputs;
use super::live::Live;
use crate::failure::Result;
use crate::ports::{Cluster, Refusal};

/// Looks at everything.
///
/// # Errors
/// When the API server does not answer. What is wrong with the release is in the answer.
pub async fn preflight(
    cluster: &dyn Cluster,
    inputs: &DeployInputs,
    live: &Live,
    refusals: &[Refusal],
) -> Result<Preflight> {
    let mut findings: Vec<PreflightFinding> = refusals.iter().map(finding::of_refusal).collect();
    findings.extend(rights::missing(cluster, inputs).await?);
    findings.extend(references::missing(cluster, inputs).await?);
    findings.extend(headroom::missing(cluster, inputs, live).await?);
    findings.extend(budget::deadlocks(inputs));
    findings.sort();
    findings.dedup();
    Ok(Preflight { findings })
}
