//! Replication groups: a real primary that is killed, and a real replica that takes over behind the same address.

use std::{
    io::Write,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail, ensure};
use aws_sdk_elasticache::{
    Client,
    config::{BehaviorVersion, Region, retry::RetryConfig},
    types::{NodeGroup, ReplicationGroup},
};
use testkit_aws::{Aws, elasticache::ElastiCacheDelays};

use crate::stage::{LIMIT, REGION, code, credentials};

const MINUTE: Duration = Duration::from_secs(60);
const SHARD: &str = "0001";

fn client(aws: &Aws) -> Client {
    let config = aws_sdk_elasticache::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new(REGION))
        .endpoint_url(aws.url())
        .credentials_provider(credentials(&aws.account().keys))
        .retry_config(RetryConfig::disabled());
    Client::from_conf(config.build())
}

/// Creates a group that fails over by itself and waits until it is there.
async fn created(cache: &Client, name: &str) -> Result<ReplicationGroup> {
    cache
        .create_replication_group()
        .replication_group_id(name)
        .replication_group_description("of the tests")
        .cache_node_type("cache.t4g.micro")
        .num_cache_clusters(2)
        .automatic_failover_enabled(true)
        .multi_az_enabled(true)
        .send()
        .await?;
    reaches(cache, name, "available").await
}

async fn described(cache: &Client, name: &str) -> Result<ReplicationGroup> {
    let asked = cache.describe_replication_groups();
    let told = asked.replication_group_id(name).send().await?;
    let group = told.replication_groups().first();
    group.cloned().context("no group in the answer")
}

async fn reaches(cache: &Client, name: &str, status: &str) -> Result<ReplicationGroup> {
    let began = Instant::now();
    loop {
        let group = described(cache, name).await?;
        let now = group.status().unwrap_or_default();
        if now == status {
            return Ok(group);
        }
        ensure!(began.elapsed() < LIMIT, "{name} is {now}, not {status}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

fn shard(group: &ReplicationGroup) -> Result<&NodeGroup> {
    group.node_groups().first().context("no shard")
}

/// At the address that leads to the primary.
fn redis_cli(group: &ReplicationGroup) -> Result<Command> {
    let endpoint = shard(group)?.primary_endpoint().context("no endpoint")?;
    let port = endpoint.port().context("no port")?.to_string();
    let address = endpoint.address().context("no address")?;
    let mut client = Command::new(testkit::redis::find()?.client());
    client.args(["-e", "-h", address, "-p", &port]);
    Ok(client)
}

/// What `redis-cli` prints at the address that leads to the primary.
fn told(group: &ReplicationGroup, words: &[&str]) -> Result<String> {
    let output = redis_cli(group)?.args(words).output()?;
    let said = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    let trouble = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{words:?}: {said}{trouble}");
    Ok(said)
}

fn told_at_last(group: &ReplicationGroup, words: &[&str]) -> Result<String> {
    let began = Instant::now();
    loop {
        match told(group, words) {
            Err(_) if began.elapsed() < LIMIT => std::thread::sleep(Duration::from_millis(10)),
            answer => return answer,
        }
    }
}

/// A write that a replica has too: Redis tells that to the connection alone that has written.
fn kept_by_a_replica(group: &ReplicationGroup, write: &str) -> Result<()> {
    let began = Instant::now();
    loop {
        let mut client = redis_cli(group)?;
        let mut running = client
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let mut lines = running.stdin.take().context("stdin")?;
        lines.write_all(format!("{write}\nWAIT 1 1000\n").as_bytes())?;
        drop(lines);
        let said = String::from_utf8(running.wait_with_output()?.stdout)?;
        if said.lines().collect::<Vec<_>>() == ["OK", "1"] {
            return Ok(());
        }
        ensure!(began.elapsed() < LIMIT, "no replica has it: {said}");
    }
}

/// The nodes with their roles.
fn roles(group: &ReplicationGroup) -> Result<Vec<(&str, &str)>> {
    let members = shard(group)?.node_group_members().iter();
    let pairs = members.map(|it| Some((it.cache_cluster_id()?, it.current_role()?)));
    pairs
        .collect::<Option<_>>()
        .context("a node without a role")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failover_promotes_a_replica_behind_an_address_that_stays() -> Result<()> {
    let aws = Aws::start().await?;
    let cache = client(&aws);
    let before = created(&cache, "sessions").await?;
    kept_by_a_replica(&before, "SET kept 1")?;
    aws.elasticache().set_delays(ElastiCacheDelays::all(MINUTE));
    let test = || cache.test_failover().replication_group_id("sessions");
    let answer = test().node_group_id(SHARD).send().await?;
    let group = answer.replication_group().context("no group")?;
    assert_eq!(group.status(), Some("modifying"));
    assert!(told(&before, &["PING"]).is_err(), "nobody writes meanwhile");
    let again = test().node_group_id(SHARD).send().await;
    assert_eq!(code(again), "InvalidReplicationGroupState");
    aws.clock().advance(MINUTE);
    assert_eq!(told_at_last(&before, &["GET", "kept"])?, "1");
    told(&before, &["SET", "kept", "2"])?;
    let during = described(&cache, "sessions").await?;
    assert_eq!(during.status(), Some("modifying"), "a node is missing");
    aws.clock().advance(MINUTE);
    let after = reaches(&cache, "sessions", "available").await?;
    assert_eq!(
        shard(&after)?.primary_endpoint(),
        shard(&before)?.primary_endpoint()
    );
    let first = [("sessions-001", "primary"), ("sessions-002", "replica")];
    let then = [("sessions-001", "replica"), ("sessions-002", "primary")];
    assert_eq!(roles(&before)?, first);
    assert_eq!(roles(&after)?, then);
    assert_eq!(
        told(&after, &["WAIT", "1", "20000"])?,
        "1",
        "it has a replica again"
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn that_a_failover_is_over_is_told_by_events() -> Result<()> {
    let aws = Aws::start().await?;
    let cache = client(&aws);
    created(&cache, "sessions").await?;
    let test = cache.test_failover().replication_group_id("sessions");
    test.node_group_id(SHARD).send().await?;
    reaches(&cache, "sessions", "available").await?;
    let all = cache.describe_events().send().await?;
    let messages: Vec<&str> = all.events().iter().filter_map(|it| it.message()).collect();
    let done = "Failover from primary node sessions-001 to replica node sessions-002 completed";
    let expected = [
        "Replication group is being created",
        "Replication group created",
        "Test Failover API called for node group 0001",
        done,
        done,
        "Recovering cache nodes sessions-001",
        "Finished recovery for cache nodes sessions-001",
    ];
    assert_eq!(messages, expected);
    let of_node = cache.describe_events().source_identifier("sessions-001");
    assert_eq!(
        code(of_node.clone().send().await),
        "InvalidParameterCombination"
    );
    let of_node = of_node.source_type("cache-cluster".into()).send().await?;
    assert_eq!(of_node.events().len(), 3);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn so_many_failovers_a_day_and_no_more() -> Result<()> {
    let aws = Aws::start().await?;
    let cache = client(&aws);
    let group = created(&cache, "sessions").await?;
    aws.elasticache()
        .set_delays(ElastiCacheDelays::all(Duration::ZERO));
    aws.elasticache().set_failovers_a_day(2);
    let test = || {
        let test = cache.test_failover().replication_group_id("sessions");
        test.node_group_id(SHARD).send()
    };
    for number in 0..2 {
        kept_by_a_replica(&group, &format!("SET number {number}"))?;
        test().await?;
        reaches(&cache, "sessions", "available").await?;
    }
    assert_eq!(told(&group, &["GET", "number"])?, "1");
    assert_eq!(code(test().await), "APICallRateForCustomerExceeded");
    aws.clock().advance(MINUTE * 60 * 24);
    test().await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_fail_over_is_refused() -> Result<()> {
    let aws = Aws::start().await?;
    let cache = client(&aws);
    let create = |name: &str| {
        let create = cache.create_replication_group().replication_group_id(name);
        let create = create.replication_group_description("of the tests");
        create.cache_node_type("cache.t4g.micro")
    };
    let alone = create("alone").automatic_failover_enabled(true).send();
    assert_eq!(code(alone.await), "InvalidParameterCombination");
    let encrypted = create("alone").transit_encryption_enabled(true).send();
    assert_eq!(code(encrypted.await), "NotReproduced");
    create("alone").send().await?;
    assert_eq!(
        code(create("alone").send().await),
        "ReplicationGroupAlreadyExists"
    );
    reaches(&cache, "alone", "available").await?;
    let test = |name: &str, shard: &str| {
        let test = cache.test_failover().replication_group_id(name);
        test.node_group_id(shard).send()
    };
    assert_eq!(
        code(test("alone", SHARD).await),
        "InvalidReplicationGroupState"
    );
    assert_eq!(code(test("alone", "0002").await), "NodeGroupNotFoundFault");
    assert_eq!(
        code(test("nobody", SHARD).await),
        "ReplicationGroupNotFoundFault"
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_group_is_out_of_reach_and_then_gone() -> Result<()> {
    let aws = Aws::start().await?;
    let cache = client(&aws);
    let group = created(&cache, "sessions").await?;
    aws.elasticache().set_delays(ElastiCacheDelays::all(MINUTE));
    let delete = cache.delete_replication_group();
    delete.replication_group_id("sessions").send().await?;
    assert!(told(&group, &["PING"]).is_err());
    aws.clock().advance(MINUTE);
    let began = Instant::now();
    loop {
        let all = cache.describe_replication_groups().send().await?;
        if all.replication_groups().is_empty() {
            return Ok(());
        }
        if began.elapsed() > LIMIT {
            bail!("it is still there");
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}
