//! From what the steps put out to the evidence: pure.

use super::DrillInputs;
use super::measured::Measured;
use super::rpo::{Incident, measure};
use super::steps::{Examined, Located, Ready, WarmPass, names};
use super::verdict::{Findings, reasons};
use crate::clock::Timestamp;
use crate::costs::{Cost, Spent};
use crate::engine::Outputs;
use crate::environment::{Environment, Protection};
use crate::evidence::{
    Check, Evidence, EvidenceVerdict, Integrity, Level, Phase, Reconciliation, RecoveryPointOf,
    Representative, Rto, Warm,
};
use crate::failure::{Failure, Result};
use crate::guard::Principal;
use crate::integrity::LevelName;
use crate::names::OperationId;
use crate::ports::{BackupRecord, Copy};

/// Who drilled, when and with which version.
pub struct Frame<'a> {
    pub operation: &'a OperationId,
    pub environment: &'a Environment,
    pub inputs: &'a DrillInputs,
    pub principal: &'a Principal,
    pub opsctl_version: &'a str,
    /// Whether the source may be away: then nobody is told off that it was not compared with.
    pub source: SourceOf,
    pub started_at: Timestamp,
    pub finished_at: Timestamp,
    /// What had to be done after the first row, until somebody was served.
    pub further: Vec<Phase>,
    /// What its copy costs.
    pub cost: Option<&'a Cost>,
}

impl Frame<'_> {
    fn spent(&self) -> Option<Spent> {
        let cost = self.cost?;
        Some(cost.between(self.started_at, self.finished_at))
    }
}

/// What a drill takes its source for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SourceOf {
    /// It serves: a copy that was not compared with it is not proven.
    Serving,
    /// It counts as lost: that it can't be compared with is no fault of the copy.
    CountsAsLost,
}

/// The document, without its place in the chain and its signature.
///
/// # Errors
/// When a step's output is missing or unreadable.
pub fn compose(frame: &Frame<'_>, outputs: &Outputs) -> Result<Evidence> {
    let seen = Seen::read(outputs)?;
    let (rto, rpo) = (seen.rto(frame), seen.rpo(frame));
    let integrity = Integrity {
        levels: seen.levels(),
    };
    let judged = judged(frame, &integrity.levels);
    let fidelity = seen.fidelity();
    let failures = seen.failures();
    let findings = Findings {
        failures: &failures,
        levels: &judged,
        fidelity: &fidelity,
        rto: &rto,
        rpo: &rpo,
    };
    let reasons = reasons(&findings, &frame.inputs.promises);
    let verdict = if reasons.is_empty() {
        EvidenceVerdict::Passed
    } else {
        EvidenceVerdict::Failed
    };
    Ok(Evidence {
        schema_version: Evidence::SCHEMA_VERSION,
        sequence: 0,
        drill: "restore".into(),
        operation: frame.operation.clone(),
        environment: frame.environment.name.clone(),
        started_at: frame.started_at,
        finished_at: frame.finished_at,
        recovery_point: seen.recovery_point(frame),
        rto,
        rpo,
        integrity,
        reconciliation: seen.reconciliation(),
        fidelity,
        representative: representative(frame.environment),
        verdict,
        reasons,
        self_test: None,
        failover: None,
        region: None,
        cost: frame.spent(),
        previous_sha256: Evidence::NOTHING.into(),
        opsctl_version: frame.opsctl_version.to_owned(),
        principal: frame.principal.clone(),
        signature: None,
    })
}

fn judged(frame: &Frame<'_>, levels: &[Level]) -> Vec<Level> {
    let lost = frame.source == SourceOf::CountsAsLost && frame.inputs.source.is_none();
    let excused = |level: &&Level| {
        let compared = level.name == LevelName::Reconciliation.as_str();
        lost && compared && level.outcome == "not_run"
    };
    let judged = levels.iter().filter(|level| !excused(level));
    judged.cloned().collect()
}

/// What the steps saw.
struct Seen {
    incident: Incident,
    located: Located,
    caches: String,
    fetched: Measured<()>,
    restored: Measured<Copy>,
    started: Measured<()>,
    examined: Measured<Examined>,
    ready: Measured<Ready>,
    warm: WarmPass,
}

impl Seen {
    fn read(outputs: &Outputs) -> Result<Self> {
        Ok(Self {
            incident: outputs.get(names::OBSERVE)?,
            located: outputs.get(names::LOCATE)?,
            caches: outputs.get(names::CHILL)?,
            fetched: outputs.get(names::FETCH)?,
            restored: outputs.get(names::RESTORE)?,
            started: outputs.get(names::START)?,
            examined: outputs.get(names::VERIFY)?,
            ready: outputs.get(names::READY)?,
            // A drill in another region restores once.
            warm: outputs.find(names::WARM)?.unwrap_or_else(WarmPass::skipped),
        })
    }

    fn record(&self) -> Option<&BackupRecord> {
        self.located.worked()
    }

    fn rto(&self, frame: &Frame<'_>) -> Rto {
        let phase = |name: &str, seconds: f64| Phase {
            name: name.to_owned(),
            seconds,
        };
        let mut phases = vec![
            phase(names::LOCATE, self.located.seconds),
            phase(names::FETCH, self.fetched.seconds),
            phase(names::RESTORE, self.restored.seconds),
            phase(names::START, self.started.seconds),
            phase(names::VERIFY, self.examined.seconds),
            phase(names::READY, self.ready.seconds),
        ];
        phases.extend(frame.further.iter().cloned());
        let warm = self.warm.worked().map(|phases| Warm {
            measured_seconds: phases.iter().map(|phase| phase.seconds).sum(),
            phases: phases.clone(),
        });
        Rto {
            target_seconds: frame.inputs.promises.rto.0.as_secs_f64(),
            measured_seconds: phases.iter().map(|phase| phase.seconds).sum(),
            phases,
            caches: self.caches.clone(),
            warm,
        }
    }

    fn rpo(&self, frame: &Frame<'_>) -> crate::evidence::Rpo {
        let survived = self
            .examined
            .worked()
            .and_then(|seen| seen.newest_heartbeat);
        let stale_after = frame.environment.settings.drill.heartbeat_stale_after.0;
        let (choice, promises) = (&frame.inputs.backup, &frame.inputs.promises);
        // Without a record nothing is known to survive: everything since the epoch counts as lost.
        let taken_at = self
            .record()
            .map_or(Timestamp(time::OffsetDateTime::UNIX_EPOCH), |r| {
                r.recovery_point.taken_at
            });
        measure(
            &self.incident,
            choice,
            survived,
            taken_at,
            stale_after,
            promises,
        )
    }

    fn recovery_point(&self, frame: &Frame<'_>) -> RecoveryPointOf {
        RecoveryPointOf {
            backup_id: frame.inputs.backup.id().clone(),
            taken_at: self
                .record()
                .map_or(self.incident.at, |record| record.recovery_point.taken_at),
        }
    }

    fn failures(&self) -> Vec<Failure> {
        [
            self.located.failure(),
            self.fetched.failure(),
            self.restored.failure(),
            self.started.failure(),
            self.examined.failure(),
            self.ready.failure(),
            self.warm.failure(),
        ]
        .into_iter()
        .flatten()
        .cloned()
        .collect()
    }

    fn levels(&self) -> Vec<Level> {
        let mut levels = self
            .examined
            .worked()
            .map_or_else(Vec::new, |seen| seen.levels.clone());
        levels.extend(self.ready.worked().map(|ready| ready.level.clone()));
        levels
    }

    fn fidelity(&self) -> Check {
        self.examined
            .worked()
            .map_or_else(Check::default, |seen| seen.fidelity.clone())
    }

    fn reconciliation(&self) -> Reconciliation {
        self.examined
            .worked()
            .map_or_else(Reconciliation::default, |s| s.reconciliation.clone())
    }
}

pub fn representative(environment: &Environment) -> Representative {
    match environment.settings.protection {
        Protection::Protected => Representative {
            of_production: true,
            why: format!(
                "{} is a protected environment with its own data",
                environment.name
            ),
        },
        Protection::Open => Representative {
            of_production: false,
            why: format!(
                "{} is not a protected environment: neither its data nor its machines are production's",
                environment.name
            ),
        },
    }
}
