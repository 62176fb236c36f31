//! Signs what the self-test saw and puts it at the end of the chain, as a drill does.

use async_trait::async_trait;

use super::operation::trials;
use super::plan::SelfTestInputs;
use super::trial::{Outcome, Trial};
use crate::clock::Timestamp;
use crate::drill::compose::representative;
use crate::drill::steps::{Written, already_written, names};
use crate::engine::{Step, StepContext, StepState};
use crate::evidence::{
    Check, Evidence, EvidenceVerdict, Integrity, Reconciliation, RecoveryPointOf, Rpo, RpoMethod,
    Rto, SelfTestOf, TrialOf,
};
use crate::failure::{Failure, Result};
use crate::guard::{Permit, Principal};
use crate::names::{OperationId, StepName};
use crate::ports::{BackupRecord, World};

/// What the document calls this drill.
const DRILL: &str = "restore-self-test";

/// Writes the evidence of a self-test.
pub(super) struct WriteSelfTest {
    pub world: World,
    pub inputs: SelfTestInputs,
    pub started_at: Timestamp,
    pub opsctl_version: String,
}

impl WriteSelfTest {
    async fn backup(&self) -> Result<BackupRecord> {
        let wanted = self.inputs.drill.backup.id();
        let (backups, _) = self.world.backups.list().await?;
        let found = backups.into_iter().find(|record| record.id == *wanted);
        found.ok_or_else(|| {
            Failure::failed(format!("backup {wanted} is gone")).hint("opsctl backup list")
        })
    }

    /// Its times are those of no restore: nothing about RTO is measured, and RPO is the backup's age.
    fn document(&self, operation: &OperationId, who: &Principal, seen: Seen) -> Evidence {
        let promises = &self.inputs.drill.promises;
        let taken_at = seen.backup.recovery_point.taken_at;
        let age = taken_at.age(self.started_at).as_secs_f64();
        let reasons: Vec<String> = seen.trials.iter().filter_map(Trial::complaint).collect();
        Evidence {
            schema_version: Evidence::SCHEMA_VERSION,
            sequence: 0,
            drill: DRILL.into(),
            operation: operation.clone(),
            environment: self.world.environment.name.clone(),
            started_at: self.started_at,
            finished_at: seen.finished_at,
            recovery_point: RecoveryPointOf {
                backup_id: seen.backup.id,
                taken_at,
            },
            rto: Rto {
                target_seconds: promises.rto.0.as_secs_f64(),
                measured_seconds: 0.0,
                phases: Vec::new(),
                caches: "not measured: a self-test times nothing".into(),
                warm: None,
            },
            rpo: Rpo {
                target_seconds: promises.rpo.0.as_secs_f64(),
                measured_seconds: age,
                method: RpoMethod::BackupRecord,
                by_backup_record_seconds: age,
            },
            integrity: Integrity::default(),
            reconciliation: Reconciliation::default(),
            fidelity: Check::default(),
            representative: representative(&self.world.environment),
            verdict: match reasons.is_empty() {
                true => EvidenceVerdict::Passed,
                false => EvidenceVerdict::Failed,
            },
            reasons,
            self_test: Some(SelfTestOf {
                seed: self.inputs.seed,
                trials: seen.trials.iter().map(told).collect(),
            }),
            failover: None,
            region: None,
            cost: None,
            previous_sha256: Evidence::NOTHING.into(),
            opsctl_version: self.opsctl_version.clone(),
            principal: who.clone(),
            signature: None,
        }
    }
}

struct Seen {
    backup: BackupRecord,
    trials: Vec<Trial>,
    finished_at: Timestamp,
}

fn told(trial: &Trial) -> TrialOf {
    let (outcome, detail) = match &trial.outcome {
        Outcome::Quiet => ("quiet", String::new()),
        Outcome::FalseAlarm { words } => ("false_alarm", words.join("; ")),
        Outcome::Caught { level, words } => ("caught", format!("{}: {words}", level.as_str())),
        Outcome::Missed { words } => ("missed", words.clone()),
        Outcome::NothingToDamage => ("nothing_to_damage", String::new()),
    };
    let kind = trial.damage.as_ref().map(|damage| damage.kind.as_str());
    TrialOf {
        kind: kind.unwrap_or("none").to_owned(),
        planted: trial.planted.as_ref().map(|planted| planted.detail.clone()),
        outcome: outcome.to_owned(),
        detail,
    }
}

#[async_trait]
impl Step for WriteSelfTest {
    type Output = Written;

    fn name(&self) -> StepName {
        StepName::fixed(names::EVIDENCE)
    }

    async fn check(&self, context: &StepContext<'_>) -> Result<StepState<Written>> {
        already_written(&self.world, context.operation).await
    }

    async fn apply(&self, context: &StepContext<'_>, permit: &Permit<'_>) -> Result<Written> {
        let seen = Seen {
            backup: self.backup().await?,
            trials: trials(context.outputs)?,
            finished_at: context.clock.now(),
        };
        let who = permit.approval().principal();
        let document = self.document(context.operation, who, seen);
        Written::sign(&self.world, permit, document).await
    }
}
