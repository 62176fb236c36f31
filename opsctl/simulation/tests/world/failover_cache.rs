//! The failover of the cache: asked for once, whatever dies and whichever answer is lost, and proven by what the service tells.

use std::time::Duration;

use opsctl_core::FailureKind;
use opsctl_core::clock::Clock;
use opsctl_core::engine::{Plan, Verdict};
use opsctl_core::evidence::render;
use opsctl_core::failover::{CacheFound, FailoverRequest, Found, Kind, plan};
use opsctl_core::ports::Through;
use opsctl_core::restore::Live;
use opsctl_simulation::CallFault;

use crate::failover::{documents, felt, killed_anywhere, request};
use crate::restore::stage::{Stage, before_and_after};

fn with_cache(fault: Option<CallFault>) -> Stage {
    let (stage, _) = before_and_after();
    stage.platform.keep_cache(fault);
    stage
}

async fn planned_by(stage: &Stage, through: Through) -> opsctl_core::Result<Plan> {
    let world = stage.world();
    let live = Live::see(&world).await.unwrap();
    let group = world.failover().unwrap().cache.clone().unwrap().group;
    let found = CacheFound {
        look: group.look_closely().await.unwrap(),
        tested: group.tested_today().await.unwrap(),
        through,
    };
    let request = FailoverRequest {
        kind: Kind::Cache,
        ..request()
    };
    let basis = stage.basis("drill-failover-1");
    plan(&basis, &live, &Found::Cache(Box::new(found)), &request)
}

async fn planned(stage: &Stage) -> opsctl_core::Result<Plan> {
    planned_by(stage, Through::Cache { slots: None }).await
}

/// The other node is the primary, by one failover; nothing of the drill is left.
async fn arrived(stage: &Stage, what: &str) {
    let cache = stage.platform.cache().unwrap();
    assert_eq!((cache.failovers, cache.primary), (1, 2), "{what}");
    assert_eq!(cache.numbers, None, "the prober's numbers, {what}");
    assert_eq!(stage.platform.live().numbers, None, "{what}");
    assert_eq!(documents(stage).await.len(), 1, "{what}");
}

#[tokio::test]
async fn a_replica_is_the_primary_and_what_the_service_told_is_signed_with_what_users_felt() {
    let stage = with_cache(None);
    let plan = planned(&stage).await.unwrap();
    assert_eq!(
        plan.point_of_no_return.as_ref().unwrap().as_str(),
        "fail-over"
    );
    let conclusion = stage.execute(&plan).await.unwrap();
    assert_eq!(conclusion.verdict, Verdict::Kept);
    arrived(&stage, "undisturbed").await;
    let document = felt(&conclusion);
    let page = render(&document);
    let over = document.failover.unwrap();
    assert_eq!(
        (over.from.as_str(), over.to.as_str()),
        ("node cache-001", "node cache-002")
    );
    assert_eq!(over.asked.as_deref(), Some("the cache itself"));
    assert!(over.writes.failed > 0, "{over:?}");
    assert_eq!(over.lost_writes, 0);
    let last = |line: &String| line.split_once(' ').unwrap().1.to_owned();
    let told: Vec<String> = over.events.iter().map(last).collect();
    let expected = [
        "failover called",
        "failover from cache-001 to cache-002 completed",
        "recovering cache-001",
        "cache-001 recovered",
    ];
    assert_eq!(told, expected);
    assert!(page.contains("## What the service told"), "{page}");
}

#[tokio::test]
async fn killed_at_any_boundary_with_any_answer_lost_it_fails_over_once() {
    let stage = with_cache(None);
    let count = stage.boundaries(&planned(&stage).await.unwrap()).await;
    assert_eq!(count, 1 + 9 * 4 + 1, "opened, four a step, closed");
    killed_anywhere(count, with_cache, planned, arrived).await;
}

#[tokio::test]
async fn what_a_replica_lacks_is_named_and_breaks_a_promise_only_where_users_were_told_it_is_kept()
{
    let application = Through::Application {
        url: "https://app.example.com".into(),
        authority: None,
    };
    for (through, broken) in [(Through::Cache { slots: None }, false), (application, true)] {
        let stage = with_cache(None);
        let plan = planned_by(&stage, through).await.unwrap();
        stage.platform.change_cache(|cache| cache.loses = 3);
        let conclusion = stage.execute(&plan).await.unwrap();
        let over = felt(&conclusion).failover.unwrap();
        assert_eq!((over.lost_writes, over.lost.len()), (3, 3));
        assert_eq!(
            conclusion.verdict != Verdict::Kept,
            broken,
            "{conclusion:?}"
        );
    }
}

#[tokio::test]
async fn a_day_without_room_for_another_failover_and_an_environment_without_a_cache_are_refused() {
    let stage = with_cache(None);
    let now = stage.platform.clock.now();
    let at = |minutes: u64| now.plus(Duration::from_secs(minutes * 60));
    stage
        .platform
        .change_cache(|cache| cache.tested = (0..15).map(at).collect());
    let refused = planned(&stage).await.unwrap_err();
    assert_eq!(refused.kind, FailureKind::Refused);
    assert!(refused.causes[0].contains("AWS allows 15"), "{refused:?}");
    assert_eq!(stage.platform.cache().unwrap().failovers, 0);
    let live = Live::see(&stage.world()).await.unwrap();
    let request = FailoverRequest {
        kind: Kind::Cache,
        ..request()
    };
    let basis = stage.basis("drill-failover-2");
    let refused = plan(&basis, &live, &Found::Nothing, &request).unwrap_err();
    assert!(
        refused.to_string().contains("no service keeps"),
        "{refused}"
    );
}
