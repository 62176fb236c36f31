//! From what the steps put out to the evidence: that of the restore, what ran on it, and what else a failover needs. Pure.

use super::Regions;
use super::abroad::{Deployed, Switched, Visited, WorkloadInputs};
use super::steps::WayBack;
use crate::drill::{self, Measured};
use crate::engine::Outputs;
use crate::evidence::{Evidence, EvidenceVerdict, PartOf, Phase, RegionOf, WorkloadsOf};
use crate::failover::names::{ADMIT, DEPLOY, FAIL_BACK, READINESS, SWITCH, VISIT};
use crate::failure::{Failure, Result};
use crate::ports::{Part, PartState};

/// Who drilled, when and with which version, from where to where, and what was run there.
pub struct Frame<'a> {
    pub drill: drill::Frame<'a>,
    pub workloads: Option<&'a WorkloadInputs>,
    pub regions: &'a Regions,
}

const SECRETS: &str = "secrets: their replicas were read and not made writable";
const DEPLOYED_NOT: &str = "deploy: no workload was started there";
const SWITCHED_NOT: &str =
    "switch: neither the secret that names the database nor the public name was changed";
/// What runs in a drill acts on nobody outside.
const OUTWARD: &str = "outward: pods had no cache of their region, no mail server and no key of a third party, and the copy's jobs and events were held";

/// What ran abroad, step by step.
struct Ran {
    admitted: Measured<()>,
    deployed: Measured<Deployed>,
    switched: Measured<Switched>,
    visited: Measured<Visited>,
}

impl Ran {
    fn read(outputs: &Outputs) -> Result<Option<Self>> {
        let Some(admitted) = outputs.find(ADMIT)? else {
            return Ok(None);
        };
        Ok(Some(Self {
            admitted,
            deployed: outputs.get(DEPLOY)?,
            switched: outputs.get(SWITCH)?,
            visited: outputs.get(VISIT)?,
        }))
    }

    fn failures(&self) -> impl Iterator<Item = &Failure> {
        [
            self.admitted.failure(),
            self.deployed.failure(),
            self.switched.failure(),
            self.visited.failure(),
        ]
        .into_iter()
        .flatten()
    }

    fn told(&self, inputs: &WorkloadInputs) -> WorkloadsOf {
        let deployed = self.deployed.worked();
        WorkloadsOf {
            release: inputs.release.0,
            namespace: inputs.namespace.clone(),
            cluster: inputs.cluster.clone(),
            images: inputs.images.clone(),
            secrets: deployed.map(|it| it.secrets.clone()).unwrap_or_default(),
            url: inputs.url.clone(),
            served: self.visited.worked().is_some(),
            deploy_seconds: self.admitted.seconds + self.deployed.seconds,
            switch_seconds: self.switched.seconds,
            first_request_seconds: self.visited.seconds,
        }
    }
}

/// What had to be done after the first row was read, until a user was answered.
///
/// # Errors
/// When a step's output is unreadable.
pub fn abroad_phases(outputs: &Outputs) -> Result<Vec<Phase>> {
    let phase = |name: &str, seconds| Phase {
        name: name.to_owned(),
        seconds,
    };
    let phases = Ran::read(outputs)?.map(|ran| {
        vec![
            phase(ADMIT, ran.admitted.seconds),
            phase(DEPLOY, ran.deployed.seconds),
            phase(SWITCH, ran.switched.seconds),
            phase(VISIT, ran.visited.seconds),
        ]
    });
    Ok(phases.unwrap_or_default())
}

/// The document, without its place in the chain and its signature.
///
/// # Errors
/// When a step's output is missing or unreadable.
pub fn compose(frame: &Frame<'_>, outputs: &Outputs) -> Result<Evidence> {
    let parts: Vec<Part> = outputs.get(READINESS)?;
    let back: WayBack = outputs.get(FAIL_BACK)?;
    let restored = drill::compose(&frame.drill, outputs)?;
    let ran = Ran::read(outputs)?;
    let mut reasons = restored.reasons.clone();
    let failures = ran.iter().flat_map(Ran::failures);
    reasons.extend(failures.map(|failure| format!("not served: {failure}")));
    let lacking = parts.iter().filter(|part| part.lacks());
    reasons.extend(lacking.map(|part| format!("not ready: {}: {}", part.name, part.detail)));
    let workloads = ran.as_ref().zip(frame.workloads);
    let workloads = workloads.map(|(ran, inputs)| ran.told(inputs));
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
            not_drilled: not_drilled(workloads.as_ref()),
            fail_back: back.place,
            workloads,
        }),
        ..restored
    })
}

/// What nobody does in a drill, because it would move those who are served.
fn not_drilled(workloads: Option<&WorkloadsOf>) -> Vec<String> {
    let left = match workloads {
        None => vec![SECRETS, DEPLOYED_NOT, SWITCHED_NOT],
        Some(_) => vec![SECRETS, SWITCHED_NOT, OUTWARD],
    };
    left.into_iter().map(ToOwned::to_owned).collect()
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
