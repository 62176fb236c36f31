//! Releases whose first pods are measured beside the old ones.

use std::time::Duration;

use opsctl_core::FailureKind;
use opsctl_core::clock::Clock;
use opsctl_core::deploy::gate::{GateReport, GateVerdict, Stage as Looked};
use opsctl_core::deploy::release::evidence;
use opsctl_core::deploy::{Evidence, status};
use opsctl_core::engine::abandon;
use opsctl_core::environment::{GateSettings, OnUnavailable, Span};
use opsctl_core::guard::Principal;
use opsctl_core::names::OperationId;
use opsctl_simulation::Traffic;

use super::stage::{Stage, deployment, objects};

const GOOD: Traffic = Traffic {
    requests: 100,
    failed: 0,
    slow: false,
};

fn gate() -> GateSettings {
    GateSettings {
        window: Span(Duration::from_millis(60)),
        ..GateSettings::default()
    }
}

async fn served(gate: GateSettings) -> Stage {
    let stage = Stage::gated(gate);
    stage.cluster.measure("app:1", GOOD);
    stage.deploy("deploy-1", "app:1").await.unwrap();
    stage
}

async fn looks(stage: &Stage) -> Vec<GateReport> {
    let history = stage.history().await;
    history.last().unwrap().closed.clone().unwrap().gate
}

/// Nothing is left of the hold.
fn runs_free(stage: &Stage, image: &str) {
    assert_eq!(stage.image_that_runs(), image);
    let live = stage.cluster.find(&deployment()).unwrap();
    assert_eq!(live.number("/spec/minReadySeconds"), 0);
    assert_eq!(live.annotation("opsctl/held"), None);
    assert!(live.0["spec"].get("paused").is_none());
}

#[tokio::test]
async fn new_pods_as_good_as_the_old_ones_pass_at_the_first_and_at_the_last() {
    let stage = served(gate()).await;
    assert!(
        looks(&stage).await.is_empty(),
        "the first release has nothing beside it"
    );
    stage.cluster.measure("app:2", GOOD);
    stage.deploy("deploy-2", "app:2").await.unwrap();
    runs_free(&stage, "app:2");
    let looks = looks(&stage).await;
    let stages: Vec<Looked> = looks.iter().map(|it| it.stage).collect();
    assert_eq!(stages, [Looked::FirstPods, Looked::AllPods]);
    assert!(
        looks.iter().all(|it| it.verdict == GateVerdict::Pass),
        "{looks:?}"
    );
    assert_eq!(
        (looks[0].old.pods, looks[0].new.pods, looks[1].new.pods),
        (3, 1, 3)
    );
    assert!(looks[0].old.requests > looks[0].new.requests);
}

#[tokio::test]
async fn errors_of_the_first_new_pod_take_the_release_back_with_the_evidence() {
    let stage = served(gate()).await;
    let bad = Traffic { failed: 10, ..GOOD };
    stage.cluster.measure("app:2", bad);
    let failure = stage.deploy("deploy-2", "app:2").await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::PromiseBroken, "{failure:?}");
    assert!(
        failure.causes.join("\n").contains("gate-failed"),
        "{failure:?}"
    );
    runs_free(&stage, "app:1");
    assert_eq!(stage.ends().await, ["succeeded", "rolled back"]);
    let number = stage.history().await[1].opened.number;
    let seen: Option<Evidence> = evidence(stage.store.as_ref(), number).await.unwrap();
    let seen = seen.unwrap();
    assert_eq!(seen.gate.len(), 1);
    assert_eq!(seen.pods.len(), 1, "the one new pod tells its log");
    assert_eq!(looks(&stage).await, seen.gate);
}

#[tokio::test]
async fn slow_answers_take_it_back_too() {
    let stage = served(gate()).await;
    stage
        .cluster
        .measure("app:2", Traffic { slow: true, ..GOOD });
    let failure = stage.deploy("deploy-2", "app:2").await.unwrap_err();
    assert!(failure.causes.join("\n").contains("p95"), "{failure:?}");
    runs_free(&stage, "app:1");
}

#[tokio::test]
async fn pods_that_tell_nothing_are_neither_good_nor_bad() {
    let stage = served(gate()).await;
    stage.deploy("deploy-2", "app:2").await.unwrap();
    runs_free(&stage, "app:2");
    let looks = looks(&stage).await;
    let unknown = |it: &GateReport| matches!(it.verdict, GateVerdict::Unavailable { .. });
    assert!(looks.len() == 2 && looks.iter().all(unknown), "{looks:?}");
    assert!(looks[0].verdict.why().contains("no answer"), "{looks:?}");
}

#[tokio::test]
async fn where_it_is_so_ruled_a_release_that_cant_be_judged_stands_still_until_somebody_decides() {
    let rules = GateSettings {
        on_unavailable: OnUnavailable::Hold,
        ..gate()
    };
    let stage = served(rules).await;
    let plan = stage.plan("deploy-2", objects(), "app:2").await.unwrap();
    let failure = stage.execute(&plan).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Stopped, "{failure:?}");
    assert!(failure.what.contains("can't tell"), "{failure:?}");
    assert_eq!(stage.ends().await, ["succeeded", "open"]);
    let held = status(&stage.world()).await.unwrap().held;
    assert!(
        held.len() == 1 && held[0].stands && held[0].operation == "deploy-2",
        "{held:?}"
    );
    // Still nobody can tell: it goes on standing. Then somebody can.
    stage.resume(&plan).await.unwrap_err();
    stage.cluster.measure("app:2", GOOD);
    stage.resume(&plan).await.unwrap();
    runs_free(&stage, "app:2");
    assert!(status(&stage.world()).await.unwrap().held.is_empty());
}

#[tokio::test]
async fn the_next_deploy_lets_go_of_what_an_abandoned_one_held() {
    let rules = GateSettings {
        on_unavailable: OnUnavailable::Hold,
        ..gate()
    };
    let stage = served(rules).await;
    stage.deploy("deploy-2", "app:2").await.unwrap_err();
    let (who, now) = (Principal::claimed("ada"), stage.platform.clock.now());
    let id = OperationId::new("deploy-2").unwrap();
    abandon(&stage.store, &id, &who, "it is good", now)
        .await
        .unwrap();
    let plan = stage.plan("deploy-3", objects(), "app:2").await.unwrap();
    let steps = plan.actions.iter().map(|it| it.step.as_str());
    assert!(
        steps.clone().all(|it| it != "try-roll-out-0"),
        "its pods are not new"
    );
    stage.execute(&plan).await.unwrap();
    runs_free(&stage, "app:2");
}

#[tokio::test]
async fn what_goes_back_is_not_held_up() {
    let stage = served(gate()).await;
    stage.cluster.measure("app:2", GOOD);
    stage.deploy("deploy-2", "app:2").await.unwrap();
    let plan = stage.plan_back("rollback-1", None).await.unwrap();
    assert!(
        plan.actions
            .iter()
            .all(|it| !it.step.as_str().starts_with("try-"))
    );
    stage.execute(&plan).await.unwrap();
    runs_free(&stage, "app:1");
}

#[tokio::test]
async fn a_measured_deploy_killed_at_any_boundary_is_resumed_and_never_left_held() {
    let ready = || async {
        let stage = served(gate()).await;
        stage.cluster.measure("app:2", GOOD);
        let plan = stage.plan("deploy-2", objects(), "app:2").await.unwrap();
        (stage, plan)
    };
    let (stage, plan) = ready().await;
    let count = stage.boundaries(&plan).await.len();
    let every = (0..count - 1).map(|at| async move {
        let (stage, plan) = ready().await;
        assert!(!stage.execute_until(&plan, at).await, "it lived past {at}");
        stage.resume(&plan).await.unwrap();
        runs_free(&stage, "app:2");
        assert_eq!(looks(&stage).await.len(), 2, "killed at {at}");
    });
    futures::future::join_all(every).await;
}
