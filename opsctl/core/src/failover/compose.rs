//! From what the steps put out to the evidence: pure but for the clock.

use super::Kind;
use super::cache::{Recovery, TookOver};
use super::drill::Drill;
use super::names::{ARRIVE, CATCH_UP, OBSERVE, RECOVER, TAKE_OVER};
use super::prober::Felt;
use super::verdict::reasons_of;
use crate::drill::representative;
use crate::engine::Outputs;
use crate::evidence::{
    Check, Evidence, EvidenceVerdict, FailoverOf, Integrity, Lane, Reconciliation, RecoveryPointOf,
    Rpo, RpoMethod, Rto,
};
use crate::failure::Result;
use crate::guard::Principal;
use crate::names::BackupId;
use crate::ports::{Position, Standing, Through};
use crate::restore::Promoted;
use crate::restore::names::PROMOTE;

/// What a document says of the backup when none was restored: versions that know no failovers insist on one.
const NO_BACKUP: &str = "none";

/// The document, without its place in the chain and its signature.
///
/// # Errors
/// When a step's output is unreadable.
pub fn compose(drill: &Drill, outputs: &Outputs, felt: &Felt, who: &Principal) -> Result<Evidence> {
    let promises = &drill.inputs.promises;
    let recovery: Option<Recovery> = outputs.find(RECOVER)?;
    let reasons = reasons_of(&drill.inputs, felt, recovery.as_ref());
    Ok(Evidence {
        schema_version: Evidence::SCHEMA_VERSION,
        sequence: 0,
        drill: "failover".into(),
        operation: drill.operation.clone(),
        environment: drill.world.environment.name.clone(),
        started_at: drill.started_at,
        finished_at: drill.world.clock.now(),
        recovery_point: RecoveryPointOf {
            backup_id: BackupId::new(NO_BACKUP)?,
            taken_at: drill.started_at,
        },
        rto: Rto {
            target_seconds: promises.rto.0.as_secs_f64(),
            measured_seconds: felt.writes.longest_gap_seconds,
            phases: felt.phases.clone(),
            caches: "not looked at: nothing was restored".into(),
            warm: None,
        },
        rpo: Rpo {
            target_seconds: promises.rpo.0.as_secs_f64(),
            measured_seconds: felt.lost_seconds,
            method: RpoMethod::Heartbeat,
            by_backup_record_seconds: 0.0,
        },
        integrity: Integrity::default(),
        reconciliation: Reconciliation::default(),
        fidelity: Check::default(),
        representative: representative(&drill.world.environment),
        verdict: match reasons.is_empty() {
            true => EvidenceVerdict::Passed,
            false => EvidenceVerdict::Failed,
        },
        reasons,
        self_test: None,
        failover: Some(failover(drill, outputs, felt)?),
        region: None,
        cost: drill.spent(),
        previous_sha256: Evidence::NOTHING.into(),
        opsctl_version: drill.opsctl_version.clone(),
        principal: who.clone(),
        signature: None,
    })
}

/// Whom the prober asked.
fn asked(through: &Through) -> String {
    match through {
        Through::Cache { .. } => "the cache itself".into(),
        Through::Application { url, .. } => format!("the application at {url}"),
    }
}

/// What served before, and what serves now.
fn sides(drill: &Drill, outputs: &Outputs) -> Result<(String, String)> {
    let zone = |at: Standing| format!("instance {} in {}", at.instance, at.zone);
    Ok(match drill.inputs.kind {
        Kind::Replica => {
            let new: Promoted = outputs.get(PROMOTE)?;
            let before = drill.inputs.old.lineage_id;
            (
                format!("lineage {before}"),
                format!("lineage {}", new.lineage_id),
            )
        }
        Kind::MultiAz => (zone(outputs.get(OBSERVE)?), zone(outputs.get(ARRIVE)?)),
        Kind::Cache => {
            let over: TookOver = outputs.get(TAKE_OVER)?;
            (format!("node {}", over.from), format!("node {}", over.to))
        }
    })
}

fn failover(drill: &Drill, outputs: &Outputs, felt: &Felt) -> Result<FailoverOf> {
    let (from, to) = sides(drill, outputs)?;
    let caught_up: Option<Position> = outputs.find(CATCH_UP)?;
    let recovery: Option<Recovery> = outputs.find(RECOVER)?;
    let lane = |lane: &super::LaneFelt| Lane {
        longest_gap_seconds: lane.longest_gap_seconds,
        gap_began_at: lane.gap_began_at,
        answered: lane.answered,
        failed: lane.failed,
        words: lane.words.clone(),
    };
    Ok(FailoverOf {
        kind: drill.inputs.kind.as_str().into(),
        from,
        to,
        behind_bytes: caught_up.map(|position| position.behind_bytes),
        writes: lane(&felt.writes),
        reads: lane(&felt.reads),
        lost_writes: felt.lost_writes,
        lost: felt.lost.clone(),
        unanswered_writes: felt.unanswered,
        unanswered_kept: felt.unanswered_kept,
        interrupted: felt.interrupted,
        asked: drill.inputs.through.as_ref().map(asked),
        stale_seconds: drill.inputs.through.as_ref().map(|_| felt.stale_seconds),
        events: recovery.map(|it| it.events).unwrap_or_default(),
    })
}
