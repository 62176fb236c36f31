//! Evidence: fresh, of this environment, by a trusted key, of real time; anything else proves nothing.

use std::time::Duration;

use opsctl_core::clock::{Clock, Timestamp};
use opsctl_core::conform::{LineReport, Verdict};
use opsctl_core::environment::Protection;
use opsctl_core::evidence::{Evidence, EvidenceVerdict, FailoverOf, Lane, RpoMethod, append};
use opsctl_core::names::EnvironmentName;

use super::{Place, line};
use crate::evidence::{document, key, trust};

const DAY: Duration = Duration::from_secs(86_400);

/// What three lines about a drill come to after a document: that it passed, RTO, RPO.
async fn after(place: &mut Place, byte: u8, change: impl FnOnce(&mut Evidence)) -> Vec<LineReport> {
    let mut found = document("drill-1");
    found.started_at = place.platform.clock.now().minus(DAY);
    found.finished_at = found.started_at;
    change(&mut found);
    place.environment.trusted_keys = trust(&key(1));
    append(place.store.as_ref(), &key(byte), found)
        .await
        .unwrap();
    judged(place).await
}

async fn judged(place: &Place) -> Vec<LineReport> {
    let passed = line("passed", "evidence: {drill: restore, fresh: 31d}");
    let rto = line(
        "rto",
        "evidence: {drill: restore, fresh: 31d, measure: rto}",
    );
    let rpo = line(
        "rpo",
        "evidence: {drill: restore, fresh: 31d, measure: rpo}",
    );
    place.judged(&format!("lines:\n{passed}{rto}{rpo}")).await
}

fn refused(report: &LineReport, why: &str) {
    assert_eq!(report.verdict, Verdict::Broken, "{report:?}");
    let actual = &report.answers[1].actual;
    assert!(actual.contains(why), "{actual}");
}

#[tokio::test]
async fn a_fresh_drill_proves_its_measures() {
    let reports = after(&mut Place::new(), 1, |_| {}).await;
    for report in &reports {
        assert_eq!(report.verdict, Verdict::Holds, "{report:?}");
    }
    assert!(
        reports[1].answers[1]
            .actual
            .starts_with("1.2 s of 3600 s, at ")
    );
}

#[tokio::test]
async fn without_a_drill_nothing_is_proven() {
    let reports = judged(&Place::new()).await;
    refused(&reports[0], "no restore drill was run here");
}

#[tokio::test]
async fn evidence_grows_stale_after_31_days_and_not_before() {
    let ago = |days: u32| {
        move |found: &mut Evidence| {
            found.finished_at = found.finished_at.plus(DAY).minus(DAY * days);
            found.started_at = found.finished_at;
        }
    };
    let reports = after(&mut Place::new(), 1, ago(31)).await;
    assert_eq!(reports[0].verdict, Verdict::Holds);
    let reports = after(&mut Place::new(), 1, ago(32)).await;
    refused(&reports[0], "which is too old");
}

#[tokio::test]
async fn a_measure_that_did_not_hold_breaks_its_line_alone() {
    let reports = after(&mut Place::new(), 1, |found| {
        found.rto.measured_seconds = 3600.0
    })
    .await;
    assert_eq!(reports[0].verdict, Verdict::Holds);
    refused(&reports[1], "3600.0 s of 3600 s");
    let failed = |found: &mut Evidence| {
        found.verdict = EvidenceVerdict::Failed;
        found.reasons = vec!["a table differs".into()];
    };
    let reports = after(&mut Place::new(), 1, failed).await;
    refused(&reports[0], "failed: a table differs");
}

#[tokio::test]
async fn evidence_of_another_environment_or_key_or_clock_is_none() {
    let elsewhere = |found: &mut Evidence| {
        found.environment = EnvironmentName::new("rehearsal").unwrap();
    };
    let reports = after(&mut Place::new(), 1, elsewhere).await;
    refused(&reports[0], "it is of rehearsal");
    let reports = after(&mut Place::new(), 2, |_| {}).await;
    refused(&reports[0], "which opsctl.yaml does not trust");
    let ahead = |found: &mut Evidence| {
        found.finished_at = Timestamp::parse("2030-01-01T00:00:00Z").unwrap();
    };
    let reports = after(&mut Place::new(), 1, ahead).await;
    refused(&reports[0], "its clock was not the real one");
}

#[tokio::test]
async fn a_rehearsal_is_never_taken_for_production() {
    let mut place = Place::new();
    place.environment.settings.protection = Protection::Protected;
    let reports = after(&mut place, 1, |_| {}).await;
    refused(&reports[0], "it says nothing of production: one machine");
}

#[tokio::test]
async fn a_backup_that_the_drill_took_itself_proves_no_rpo() {
    let fresh = |found: &mut Evidence| found.rpo.method = RpoMethod::FreshBackup;
    let reports = after(&mut Place::new(), 1, fresh).await;
    assert_eq!(reports[0].verdict, Verdict::Holds);
    refused(&reports[2], "which proves no RPO");
}

fn failover(kind: &str) -> FailoverOf {
    let lane = Lane {
        longest_gap_seconds: 1.5,
        gap_began_at: None,
        answered: 100,
        failed: 3,
        words: Vec::new(),
    };
    FailoverOf {
        kind: kind.into(),
        from: "here".into(),
        to: "there".into(),
        behind_bytes: Some(0),
        writes: lane.clone(),
        reads: lane,
        lost_writes: 0,
        lost: Vec::new(),
        unanswered_writes: 1,
        unanswered_kept: 1,
        asked: None,
        stale_seconds: None,
        events: Vec::new(),
        interrupted: false,
    }
}

#[tokio::test]
async fn a_failover_counts_as_one_of_its_kind_and_tells_what_users_felt() {
    let mut place = Place::new();
    let over = |found: &mut Evidence| {
        found.drill = "failover".into();
        found.failover = Some(failover("replica"));
    };
    drop(after(&mut place, 1, over).await);
    let any = line("any", "evidence: {drill: failover, fresh: 92d}");
    let of_kind = line(
        "of-kind",
        "evidence: {drill: failover, kind: region, fresh: 92d}",
    );
    let reports = place.judged(&format!("lines:\n{any}{of_kind}")).await;
    assert_eq!(reports[0].verdict, Verdict::Holds, "{:?}", reports[0]);
    let actual = &reports[0].answers[1].actual;
    assert!(
        actual.starts_with("passed (replica): longest gap 1.5 s, 0 writes lost"),
        "{actual}"
    );
    refused(&reports[1], "no failover drill of kind region was run here");
}
