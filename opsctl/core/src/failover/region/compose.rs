//! From what the steps put out to the evidence: that of the restore, and what else a failover needs. Pure.

use super::Regions;
use super::steps::WayBack;
use crate::drill;
use crate::engine::Outputs;
use crate::evidence::{Evidence, EvidenceVerdict, PartOf, RegionOf};
use crate::failover::names::{FAIL_BACK, READINESS};
use crate::failure::Result;
use crate::ports::{Part, PartState};

/// Who drilled, when and with which version, and from where to where.
pub struct Frame<'a> {
    pub drill: drill::Frame<'a>,
    pub regions: &'a Regions,
}

/// What nobody does in a drill, because it would move those who are served.
const NOT_DRILLED: [&str; 3] = [
    "secrets: their replicas were read and not made writable",
    "deploy: no workload was started there",
    "switch: neither the secret that names the database nor the public name was changed",
];

/// The document, without its place in the chain and its signature.
///
/// # Errors
/// When a step's output is missing or unreadable.
pub fn compose(frame: &Frame<'_>, outputs: &Outputs) -> Result<Evidence> {
    let parts: Vec<Part> = outputs.get(READINESS)?;
    let back: WayBack = outputs.get(FAIL_BACK)?;
    let restored = drill::compose(&frame.drill, outputs)?;
    let mut reasons = restored.reasons.clone();
    let lacking = parts.iter().filter(|part| part.lacks());
    reasons.extend(lacking.map(|part| format!("not ready: {}: {}", part.name, part.detail)));
    Ok(Evidence {
        drill: "failover".into(),
        verdict: match reasons.is_empty() {
            true => EvidenceVerdict::Passed,
            false => EvidenceVerdict::Failed,
        },
        reasons,
        region: Some(RegionOf {
            from: frame.regions.home.clone(),
            to: frame.regions.place.clone(),
            source_answered: frame.drill.inputs.source.is_some(),
            parts: parts.into_iter().map(told).collect(),
            not_drilled: NOT_DRILLED.map(ToOwned::to_owned).to_vec(),
            fail_back: back.place,
        }),
        ..restored
    })
}

fn told(part: Part) -> PartOf {
    let state = match part.state {
        PartState::Ready => "ready",
        PartState::Lacking => "lacking",
        PartState::ByHand => "by_hand",
    };
    PartOf {
        name: part.name,
        state: state.to_owned(),
        detail: part.detail,
    }
}
