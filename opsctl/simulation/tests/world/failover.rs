//! The failover drill: killed anywhere, hindered, and with replicas that lose rows.

use std::time::Duration;

use futures::StreamExt;
use opsctl_core::FailureKind;
use opsctl_core::engine::{Conclusion, Plan, Severity, Verdict};
use opsctl_core::environment::{Protection, Span};
use opsctl_core::evidence::{Evidence, list, render};
use opsctl_core::failover::{FailoverRequest, Found, Kind, Pace, plan};
use opsctl_core::ports::{DatabaseRole, Effects, Mode};
use opsctl_core::restore::Live;
use opsctl_simulation::{CallFault, Obedience};

use crate::restore::stage::{Stage, before_and_after};

const OLD: &str = "sqlite:/live/app.sqlite3";

pub fn request() -> FailoverRequest {
    FailoverRequest {
        kind: Kind::Replica,
        acknowledge_within: Span(Duration::from_millis(200)),
        pace: Pace {
            every: Span(Duration::from_millis(3)),
            patience: Span(Duration::from_millis(500)),
            poll: Span(Duration::from_millis(3)),
        },
    }
}

async fn planned(stage: &Stage, id: &str) -> Plan {
    let live = Live::see(&stage.world()).await.unwrap();
    plan(&stage.basis(id), &live, &Found::Nothing, &request()).unwrap()
}

/// Probers are busy: more at once would starve the leases.
pub async fn few_at_once(runs: impl Iterator<Item = impl Future<Output = ()>>) {
    futures::stream::iter(runs)
        .buffer_unordered(6)
        .collect::<Vec<()>>()
        .await;
}

/// Killed at each of so many boundaries, with each fault of the one call that is asked for once, and gone on with: it arrives.
pub async fn killed_anywhere(
    count: usize,
    with: fn(Option<CallFault>) -> Stage,
    planned: impl AsyncFn(&Stage) -> opsctl_core::Result<Plan>,
    arrived: impl AsyncFn(&Stage, &str),
) {
    let faults = [
        None,
        Some(CallFault::LostAnswer),
        Some(CallFault::LostCall),
        Some(CallFault::Refusal),
    ];
    let (planned, arrived) = (&planned, &arrived);
    let cases = (0..count).flat_map(|at| faults.map(|fault| (at, fault)));
    let every = cases.map(|(at, fault)| async move {
        let stage = with(fault);
        let plan = planned(&stage).await.unwrap();
        let what = format!("killed at {at}, {fault:?}");
        // A call that came to nobody stops the run before it gets as far.
        if let Ok(answer) = stage.killed(&plan, at).await {
            assert_eq!(fault, Some(CallFault::LostCall), "{what}: {answer:?}");
            assert_eq!(answer.unwrap_err().kind, FailureKind::Unknown, "{what}");
        }
        for _ in 0..2 {
            if stage.view(&plan).await.is_open() {
                drop(stage.resume(&plan).await);
            }
        }
        assert!(!stage.view(&plan).await.is_open(), "{what}");
        arrived(&stage, &what).await;
    });
    few_at_once(every).await;
}

pub async fn documents(stage: &Stage) -> Vec<Evidence> {
    let entries = list(stage.store.as_ref()).await.unwrap();
    let documents = entries.iter().map(|entry| entry.document().unwrap());
    documents.collect()
}

/// The replica serves as the old one did; nothing of the drill is left.
async fn moved(stage: &Stage, at: usize) {
    let platform = &stage.platform;
    let (descriptor, live) = (platform.descriptor(), platform.live());
    assert_eq!(live.keys("users"), ["ada", "bob"], "nothing is lost, {at}");
    assert_eq!(live.identity.effects, Effects::Flowing, "at {at}");
    assert_eq!(live.identity.sessions_valid_after, None, "at {at}");
    assert!(!live.fenced, "at {at}");
    assert_eq!(descriptor.mode, Mode::Normal, "at {at}");
    assert!(descriptor.other.is_empty(), "at {at}: {descriptor:?}");
    let old = platform.database(OLD).unwrap();
    assert_eq!(old.identity.role, DatabaseRole::Superseded, "at {at}");
    assert!(old.fenced, "at {at}");
    for (url, database) in platform.databases() {
        assert_eq!(database.numbers, None, "the prober's rows at {url}, {at}");
    }
    assert_eq!(platform.copies().len(), 1, "one replica, at {at}");
    assert_eq!(stage.register().await.set_aside.len(), 1, "at {at}");
    platform
        .write("users", &["eve", "eve@example.org"])
        .unwrap();
}

/// Nothing happened: the old database serves and takes writes.
fn stayed(stage: &Stage, at: usize) {
    let platform = &stage.platform;
    assert_eq!(platform.descriptor().location.url, OLD, "at {at}");
    assert_eq!(platform.descriptor().mode, Mode::Normal, "at {at}");
    assert!(platform.descriptor().other.is_empty(), "at {at}");
    assert!(platform.copies().is_empty(), "the replica is gone, at {at}");
    assert_eq!(platform.live().numbers, None, "at {at}");
    platform
        .write("users", &["eve", "eve@example.org"])
        .unwrap();
}

pub fn felt(conclusion: &Conclusion) -> Evidence {
    serde_json::from_value(conclusion.result["document"].clone()).unwrap()
}

#[tokio::test]
async fn users_feel_a_short_gap_and_lose_nothing_and_the_evidence_says_so() {
    let (stage, _) = before_and_after();
    let plan = planned(&stage, "drill-failover-1").await;
    let conclusion = stage.execute(&plan).await.unwrap();
    assert_eq!(conclusion.verdict, Verdict::Kept);
    moved(&stage, 0).await;
    let document = felt(&conclusion);
    let over = document.failover.clone().unwrap();
    assert_eq!((over.kind.as_str(), over.lost_writes), ("replica", 0));
    assert!(over.writes.answered >= 10, "{over:?}");
    assert!(over.writes.longest_gap_seconds > 0.0 && over.writes.longest_gap_seconds < 60.0);
    assert_eq!(over.reads.failed, 0, "reads go on: {over:?}");
    let phases: Vec<&str> = document
        .rto
        .phases
        .iter()
        .map(|it| it.name.as_str())
        .collect();
    assert_eq!(phases.first(), Some(&"freeze"));
    assert_eq!(phases.last(), Some(&"unfreeze"));
    let page = render(&document);
    assert!(page.contains("lost writes: 0"), "{page}");
}

#[tokio::test]
async fn a_write_that_the_replica_never_got_is_named_and_breaks_the_promise() {
    let (stage, _) = before_and_after();
    stage.platform.spoil_replicas(false, 2);
    let plan = planned(&stage, "drill-failover-1").await;
    let conclusion = stage.execute(&plan).await.unwrap();
    let Verdict::Broken(reasons) = &conclusion.verdict else {
        panic!("it passed");
    };
    assert!(reasons[0].starts_with("lost writes: 2"), "{reasons:?}");
    let over = felt(&conclusion).failover.unwrap();
    assert_eq!((over.lost_writes, over.lost.len()), (2, 2));
    moved(&stage, 0).await;
}

#[tokio::test]
async fn a_drill_killed_at_any_boundary_and_resumed_fails_over_once() {
    let (stage, _) = before_and_after();
    let count = stage
        .boundaries(&planned(&stage, "drill-failover-1").await)
        .await;
    assert_eq!(count, 1 + 15 * 4 + 1, "opened, four a step, closed");
    let every = (0..count).map(|at| async move {
        let (stage, _) = before_and_after();
        let plan = planned(&stage, "drill-failover-1").await;
        if let Some(answer) = stage.killed_and_resumed(&plan, at).await {
            answer.unwrap();
        }
        moved(&stage, at).await;
        let documents = documents(&stage).await;
        assert_eq!(documents.len(), 1, "at {at}");
        let over = documents[0].failover.as_ref().unwrap();
        assert_eq!(over.lost_writes, 0, "at {at}: {over:?}");
    });
    few_at_once(every).await;
}

#[tokio::test]
async fn what_a_dead_run_did_not_measure_is_never_said_to_have_passed() {
    let (stage, _) = before_and_after();
    let plan = planned(&stage, "drill-failover-1").await;
    // Opened, then four boundaries a step: the seventh is the opening of the replica.
    let answer = stage.killed_and_resumed(&plan, 1 + 6 * 4 + 3).await;
    let Verdict::Broken(reasons) = answer.unwrap().unwrap().verdict else {
        panic!("it passed");
    };
    assert!(reasons[0].starts_with("not measured"), "{reasons:?}");
    moved(&stage, 0).await;
}

#[tokio::test]
async fn a_replica_that_never_catches_up_is_removed_and_everything_goes_back() {
    let (stage, _) = before_and_after();
    stage.platform.spoil_replicas(true, 0);
    let plan = planned(&stage, "drill-failover-1").await;
    let failure = stage.execute(&plan).await.unwrap_err();
    assert!(failure.to_string().contains("is behind"), "{failure}");
    stayed(&stage, 0);
    assert!(documents(&stage).await.is_empty());
}

#[tokio::test]
async fn the_way_back_killed_at_any_boundary_and_resumed_still_goes_back() {
    let hindered = || {
        let (stage, _) = before_and_after();
        stage.platform.start_process(Obedience::Hangs);
        stage
    };
    let stage = hindered();
    let count = stage
        .boundaries(&planned(&stage, "drill-failover-1").await)
        .await;
    let every = (0..count).map(|at| async move {
        let stage = hindered();
        let plan = planned(&stage, "drill-failover-1").await;
        if let Some(answer) = stage.killed_and_resumed(&plan, at).await {
            answer.unwrap_err();
        }
        stayed(&stage, at);
    });
    few_at_once(every).await;
}

#[tokio::test]
async fn it_is_severe_where_an_environment_is_protected_and_tells_what_users_will_feel() {
    let (stage, _) = before_and_after();
    let live = Live::see(&stage.world()).await.unwrap();
    let mut environment = opsctl_simulation::environment();
    let open = plan(
        &stage.basis("drill-failover-1"),
        &live,
        &Found::Nothing,
        &request(),
    )
    .unwrap();
    assert_eq!(open.severity, Severity::Moderate);
    environment.settings.protection = Protection::Protected;
    let mut basis = stage.basis("drill-failover-1");
    basis.environment = Box::leak(Box::new(environment));
    let plan = plan(&basis, &live, &Found::Nothing, &request()).unwrap();
    assert_eq!(plan.severity, Severity::Severe);
    assert_eq!(plan.resources[0].as_str(), "database");
    assert_eq!(plan.point_of_no_return.unwrap().as_str(), "switch");
    assert!(
        plan.context
            .iter()
            .any(|fact| fact.name == "users will feel")
    );
}

#[tokio::test]
async fn a_database_that_does_not_answer_is_not_failed_over() {
    let (stage, _) = before_and_after();
    stage.platform.change(OLD, |live| live.answers = false);
    let live = Live::see(&stage.world()).await.unwrap();
    let failure = plan(
        &stage.basis("drill-failover-1"),
        &live,
        &Found::Nothing,
        &request(),
    )
    .unwrap_err();
    assert!(failure.to_string().contains("does not answer"), "{failure}");
}
