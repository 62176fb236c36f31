//! The failover to a standby in another zone: asked for once, whatever dies and whichever answer is lost.

use opsctl_core::FailureKind;
use opsctl_core::engine::{Plan, Verdict};
use opsctl_core::failover::{FailoverRequest, Found, Kind, plan};
use opsctl_core::restore::Live;
use opsctl_simulation::CallFault;

use crate::failover::{documents, felt, killed_anywhere, request};
use crate::restore::stage::{Stage, before_and_after};

fn with_standby(fault: Option<CallFault>) -> Stage {
    let (stage, _) = before_and_after();
    stage.platform.keep_standby(fault);
    stage
}

async fn planned(stage: &Stage) -> opsctl_core::Result<Plan> {
    let world = stage.world();
    let live = Live::see(&world).await.unwrap();
    let standby = world.failover().unwrap().standby.clone().unwrap();
    let standing = standby.look().await.unwrap();
    let request = FailoverRequest {
        kind: Kind::MultiAz,
        ..request()
    };
    plan(
        &stage.basis("drill-failover-1"),
        &live,
        &Found::Instance(standing),
        &request,
    )
}

/// The other zone serves, by one failover; nothing of the drill is left.
async fn arrived(stage: &Stage, what: &str) {
    let platform = &stage.platform;
    let standby = platform.standby().unwrap();
    assert_eq!((standby.failovers, standby.zone), (1, 'c'), "{what}");
    let live = platform.live();
    assert!(live.answers, "{what}");
    assert_eq!(live.numbers, None, "the prober's rows, {what}");
    assert_eq!(live.keys("users"), ["ada", "bob"], "{what}");
    assert_eq!(documents(stage).await.len(), 1, "{what}");
}

#[tokio::test]
async fn the_other_zone_serves_and_what_users_felt_is_signed() {
    let stage = with_standby(None);
    let plan = planned(&stage).await.unwrap();
    assert_eq!(
        plan.point_of_no_return.as_ref().unwrap().as_str(),
        "fail-over"
    );
    let told = plan
        .context
        .iter()
        .find(|fact| fact.name == "users will feel");
    assert!(told.unwrap().value.contains("60 to 120 s"));
    let conclusion = stage.execute(&plan).await.unwrap();
    assert_eq!(conclusion.verdict, Verdict::Kept);
    arrived(&stage, "undisturbed").await;
    let over = felt(&conclusion).failover.unwrap();
    assert_eq!(over.kind, "multi-az");
    assert_eq!(over.from, "instance live in zone a");
    assert_eq!(over.to, "instance live in zone c");
    assert_eq!((over.lost_writes, over.behind_bytes), (0, None));
}

#[tokio::test]
async fn killed_at_any_boundary_with_any_answer_lost_it_fails_over_once() {
    let stage = with_standby(None);
    let count = stage.boundaries(&planned(&stage).await.unwrap()).await;
    assert_eq!(count, 1 + 8 * 4 + 1, "opened, four a step, closed");
    killed_anywhere(count, with_standby, planned, arrived).await;
}

#[tokio::test]
async fn writes_that_the_standby_lacks_are_named() {
    let stage = with_standby(None);
    stage.platform.spoil_replicas(false, 3);
    let plan = planned(&stage).await.unwrap();
    let conclusion = stage.execute(&plan).await.unwrap();
    let Verdict::Broken(reasons) = &conclusion.verdict else {
        panic!("it passed");
    };
    assert!(reasons[0].starts_with("lost writes: 3"), "{reasons:?}");
}

#[tokio::test]
async fn an_instance_without_a_standby_is_never_asked() {
    let (stage, _) = before_and_after();
    let refused = planned(&stage).await.unwrap_err();
    assert_eq!(refused.kind, FailureKind::Refused);
    assert!(refused.to_string().contains("no standby"), "{refused}");
}
