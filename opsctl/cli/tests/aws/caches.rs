//! `opsctl drill failover --kind cache`: a real Redis behind ElastiCache fails over, once, while a prober writes to it or to the
//! real application.

use std::time::{Duration, Instant};

use aws_sdk_elasticache::types::ReplicationGroup;
use serde_json::Value;
use testkit_aws::elasticache::ElastiCacheDelays;
use testkit_aws::{Fault, Rule, Times};

use crate::runner::{Ended, Runner};
use crate::service::Service;
use crate::stage::Stage;

const DRILL: [&str; 5] = ["drill", "failover", "--kind", "cache", "--yes"];
const LIMIT: Duration = Duration::from_secs(120);

/// An environment with a cache of two nodes, whose failovers last for two seconds.
fn with_a_cache() -> (Stage, Runner) {
    let (stage, runner) = Stage::new();
    stage.wait(async {
        let create = stage.elasticache().create_replication_group();
        create
            .replication_group_id("sessions")
            .replication_group_description("of the tests")
            .cache_node_type("cache.t4g.micro")
            .num_cache_clusters(2)
            .automatic_failover_enabled(true)
            .multi_az_enabled(true)
            .send()
            .await
            .unwrap();
    });
    let began = Instant::now();
    while group(&stage).status() != Some("available") {
        assert!(began.elapsed() < LIMIT, "no cache");
        std::thread::park_timeout(Duration::from_millis(20));
    }
    let value = format!(r#"{{"REDIS_URL":"{}"}}"#, address(&stage));
    stage.wait(stage.secret("redis", &value));
    stage.aws.elasticache().set_delays(ElastiCacheDelays {
        failing_over: Duration::from_secs(2),
        recovering: Duration::from_secs(1),
        ..ElastiCacheDelays::all(Duration::ZERO)
    });
    configure(&runner);
    (stage, runner)
}

fn configure(runner: &Runner) {
    runner.configure(|text| {
        text.replace(
            "name: platform-staging\n",
            "name: platform-staging\n      cache: sessions\n",
        )
    });
}

fn group(stage: &Stage) -> ReplicationGroup {
    let asked = stage.elasticache().describe_replication_groups();
    let told = stage.wait(asked.replication_group_id("sessions").send());
    told.unwrap().replication_groups()[0].clone()
}

fn address(stage: &Stage) -> String {
    let group = group(stage);
    let endpoint = group.node_groups()[0].primary_endpoint().unwrap();
    let (host, port) = (endpoint.address().unwrap(), endpoint.port().unwrap());
    format!("redis://{host}:{port}")
}

/// The node that is the primary.
fn primary(stage: &Stage) -> String {
    let group = group(stage);
    let members = group.node_groups()[0].node_group_members().iter();
    let mut primaries = members.filter(|it| it.current_role() == Some("primary"));
    let primary = primaries.next().unwrap();
    primary.cache_cluster_id().unwrap().to_owned()
}

fn over(ended: &Ended) -> Value {
    ended.result()["document"]["failover"].clone()
}

fn events(over: &Value) -> Vec<String> {
    let all = over["events"].as_array().unwrap().iter();
    let words = |it: &Value| it.as_str().unwrap().split_once(' ').unwrap().1.to_owned();
    all.map(words).collect()
}

/// It failed over so often, is whole, and the prober left nothing.
fn moved(stage: &Stage, times: usize, what: &str) {
    assert_eq!(stage.calls("TestFailover"), times, "{what}");
    assert_eq!(group(stage).status(), Some("available"), "{what}");
    let names = ["sessions-001", "sessions-002"];
    assert_eq!(primary(stage), names[times % 2], "{what}");
}

#[test]
fn a_replica_takes_over_the_gap_is_as_long_as_the_outage_and_what_aws_told_is_signed() {
    let (stage, runner) = with_a_cache();
    let ended = runner.run(&DRILL).expect(0);
    let over = over(&ended);
    assert_eq!(over["kind"], "cache");
    assert_eq!(over["asked"], "the cache itself");
    assert_eq!(over["from"], "node sessions-001");
    assert_eq!(over["to"], "node sessions-002");
    for lane in ["writes", "reads"] {
        let gap = over[lane]["longest_gap_seconds"].as_f64().unwrap();
        assert!(gap >= 1.5, "{lane}: {over}");
        assert!(over[lane]["answered"].as_u64().unwrap() >= 10, "{over}");
        assert!(over[lane]["failed"].as_u64().unwrap() > 0, "{over}");
    }
    let expected = [
        "failover called",
        "failover from sessions-001 to sessions-002 completed",
        "recovering sessions-001",
        "sessions-001 recovered",
    ];
    assert_eq!(events(&over), expected);
    moved(&stage, 1, "undisturbed");
    runner.trust_own_key();
    configure(&runner);
    let shown = runner.run(&["evidence", "show"]).expect(0);
    assert!(shown.stdout.contains("failover called"));
}

#[test]
fn whoever_goes_on_after_a_death_or_a_lost_answer_does_not_fail_over_again() {
    let (stage, runner) = with_a_cache();
    let lost = Rule::new(Fault::LostAnswer, Times::Next(1)).action("TestFailover");
    stage.aws.faults().add(lost);
    runner.run(&DRILL).expect(0);
    moved(&stage, 1, "a lost answer");
    let boundaries = runner.boundaries(&DRILL);
    let mut times = 2;
    for step in [
        "probe:applied",
        "fail-over:applied",
        "await-primary:applied",
    ] {
        runner.killed_at(&DRILL, &boundaries, step);
        times += 1;
        let other = Runner::of(&stage);
        configure(&other);
        // What nobody measured has not passed.
        let code = if step == "probe:applied" { 0 } else { 6 };
        other.resume().expect(code);
        moved(&stage, times, step);
    }
}

#[test]
fn through_the_application_no_write_is_lost_no_read_is_stale_and_its_user_is_gone() {
    let (stage, runner) = with_a_cache();
    let service = Service::start(&stage.url_of_the_database(), &address(&stage));
    let users = stage.sql(crate::stage::INSTANCE, "SELECT count(*) FROM users");
    let asked = [&DRILL[..], &["--url", service.url()]].concat();
    let ended = runner.run(&asked).expect(0);
    let over = over(&ended);
    assert_eq!(over["lost_writes"], 0, "{over}");
    assert!(over["stale_seconds"].as_f64().unwrap() < 5.0, "{over}");
    assert!(over["writes"]["answered"].as_u64().unwrap() >= 5, "{over}");
    // It asks the database while the cache is away: users wait for no failover.
    let gap = over["writes"]["longest_gap_seconds"].as_f64().unwrap();
    assert!(gap < 60.0, "{over}");
    assert!(over["asked"].as_str().unwrap().contains(service.url()));
    moved(&stage, 1, "through the application");
    let after = stage.sql(crate::stage::INSTANCE, "SELECT count(*) FROM users");
    assert_eq!(after, users, "the drill's user is gone");
}

#[test]
fn a_day_without_room_for_another_failover_is_told_and_gone_on_with_the_next_day() {
    let (stage, runner) = with_a_cache();
    stage.aws.elasticache().set_failovers_a_day(0);
    let refused = runner.run(&DRILL).expect(7);
    let said = refused.said();
    assert!(said.contains("APICallRateForCustomerExceeded"), "{said}");
    assert_eq!(primary(&stage), "sessions-001", "nobody felt anything");
    stage.aws.elasticache().set_failovers_a_day(15);
    // Nobody saw what users felt between.
    runner.resume().expect(6);
    assert_eq!(primary(&stage), "sessions-002");
    assert_eq!(runner.open_operation(), None);
}

#[test]
fn what_can_not_be_drilled_is_refused_before_anybody_feels_anything() {
    let (stage, runner) = Stage::new();
    let refused = runner.run(&DRILL).expect(4).said();
    assert!(refused.contains("no service keeps a cache"), "{refused}");
    let url = ["--kind", "multi-az", "--url", "http://127.0.0.1:1", "--yes"];
    let usage = runner.run(&[&["drill", "failover"][..], &url].concat());
    let said = usage.expect(2).said();
    assert!(said.contains("--url is for --kind cache"), "{said}");
    assert_eq!(stage.calls("TestFailover"), 0);
}
