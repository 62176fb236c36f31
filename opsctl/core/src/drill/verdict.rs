//! Whether the promises held. Pure: measures in, reasons out.

use std::time::Duration;

use crate::environment::Promises;
use crate::evidence::{Check, Level, Rpo, RpoMethod, Rto};
use crate::failure::Failure;

/// Everything that a drill found.
#[derive(Debug, Clone, Copy)]
pub struct Findings<'a> {
    /// What kept the restore from being finished.
    pub failures: &'a [Failure],
    /// The levels of integrity.
    pub levels: &'a [Level],
    /// The behaviour of the restored server.
    pub fidelity: &'a Check,
    /// How long it took.
    pub rto: &'a Rto,
    /// How much was lost.
    pub rpo: &'a Rpo,
}

/// Why the drill did not pass, the most important first; empty when it passed.
#[must_use]
pub fn reasons(findings: &Findings<'_>, promises: &Promises) -> Vec<String> {
    let mut reasons: Vec<String> = findings.failures.iter().map(broken).collect();
    let bad = findings
        .levels
        .iter()
        .filter(|level| level.outcome != "passed");
    reasons.extend(bad.map(|level| {
        format!(
            "integrity: {} {}: {}",
            level.name,
            level.outcome.replace('_', " "),
            level.detail
        )
    }));
    reasons.extend(
        findings
            .fidelity
            .differences
            .iter()
            .map(|d| format!("fidelity: {d}")),
    );
    reasons.extend(too_late(findings, promises));
    reasons.extend(too_much(findings.rpo, promises));
    reasons
}

fn broken(failure: &Failure) -> String {
    format!("the restore failed: {failure}")
}

fn too_late(findings: &Findings<'_>, promises: &Promises) -> Option<String> {
    let measured = findings.rto.measured_seconds;
    // A restore that never finished has no time to speak of.
    let held = !findings.failures.is_empty() || promises.rto_holds(span(measured));
    (!held).then(|| {
        format!(
            "RTO: {measured:.1} s measured, less than {} promised",
            promises.rto
        )
    })
}

fn too_much(rpo: &Rpo, promises: &Promises) -> Option<String> {
    let measured = rpo.measured_seconds;
    if rpo.method == RpoMethod::FreshBackup {
        return None;
    }
    (!promises.rpo_holds(span(measured))).then(|| {
        format!(
            "RPO: {measured:.1} s lost, at most {} promised",
            promises.rpo
        )
    })
}

fn span(seconds: f64) -> Duration {
    Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rto(measured_seconds: f64) -> Rto {
        Rto {
            target_seconds: 3600.0,
            measured_seconds,
            phases: Vec::new(),
            caches: String::new(),
            warm: None,
        }
    }

    fn rpo(measured_seconds: f64, method: RpoMethod) -> Rpo {
        let target_seconds = 86_400.0;
        Rpo {
            target_seconds,
            measured_seconds,
            method,
            by_backup_record_seconds: 0.0,
        }
    }

    fn level(outcome: &str) -> Level {
        Level {
            name: "content".into(),
            outcome: outcome.into(),
            detail: "users".into(),
        }
    }

    fn judge(rto: &Rto, rpo: &Rpo, levels: &[Level]) -> Vec<String> {
        let fidelity = &Check::default();
        reasons(
            &Findings {
                failures: &[],
                levels,
                fidelity,
                rto,
                rpo,
            },
            &Promises::default(),
        )
    }

    #[test]
    fn the_rto_holds_just_inside_and_breaks_at_the_promised_hour() {
        let rpo = rpo(0.0, RpoMethod::Heartbeat);
        assert!(judge(&rto(3599.999), &rpo, &[]).is_empty());
        assert_eq!(judge(&rto(3600.0), &rpo, &[]).len(), 1);
    }

    #[test]
    fn the_rpo_holds_at_the_promised_day_and_breaks_just_outside() {
        let rto = rto(1.0);
        assert!(judge(&rto, &rpo(86_400.0, RpoMethod::Heartbeat), &[]).is_empty());
        assert_eq!(
            judge(&rto, &rpo(86_400.001, RpoMethod::BackupRecord), &[]).len(),
            1
        );
        assert!(judge(&rto, &rpo(86_400.001, RpoMethod::FreshBackup), &[]).is_empty());
    }

    #[test]
    fn whatever_did_not_pass_breaks_the_integrity_promise() {
        let rpo = rpo(0.0, RpoMethod::Heartbeat);
        for outcome in ["failed", "not_run", "sampled"] {
            assert_eq!(
                judge(&rto(1.0), &rpo, &[level(outcome)]).len(),
                1,
                "{outcome}"
            );
        }
        assert!(judge(&rto(1.0), &rpo, &[level("passed")]).is_empty());
    }

    #[test]
    fn a_restore_that_failed_comes_first_and_has_no_time() {
        let failures = [Failure::failed("base.tar is broken")];
        let (rto, rpo) = (rto(9999.0), rpo(0.0, RpoMethod::Heartbeat));
        let findings = Findings {
            failures: &failures,
            levels: &[level("not_run")],
            fidelity: &Check::default(),
            rto: &rto,
            rpo: &rpo,
        };
        let reasons = reasons(&findings, &Promises::default());
        assert!(reasons[0].contains("base.tar"), "{reasons:?}");
        assert!(!reasons.iter().any(|reason| reason.starts_with("RTO")));
    }
}
