//! The Redis that tests get is their own, and comes and goes as they say.

use anyhow::Result;
use testkit::{Redis, RedisCluster, leash::Ending};

#[test]
fn two_servers_know_nothing_of_each_other() -> Result<()> {
    let (one, other) = (Redis::start()?, Redis::start()?);
    one.execute(&["SET", "key", "value"])?;
    assert_eq!(one.execute(&["GET", "key"])?, "value");
    assert_eq!(other.execute(&["EXISTS", "key"])?, "0");
    Ok(())
}

#[test]
fn a_server_that_was_killed_comes_back_on_its_port() -> Result<()> {
    let mut server = Redis::start()?;
    let port = server.port();
    server.stop(Ending::Crash)?;
    assert!(server.execute(&["PING"]).is_err());
    server.start_again()?;
    assert_eq!(server.port(), port);
    assert_eq!(server.execute(&["PING"])?, "PONG");
    Ok(())
}

#[test]
fn a_replica_has_what_its_primary_has() -> Result<()> {
    let primary = Redis::start()?;
    primary.execute(&["SET", "key", "value"])?;
    let replica = Redis::start_replica_of(&primary)?;
    assert_eq!(replica.execute(&["GET", "key"])?, "value");
    assert!(replica.execute(&["SET", "key", "other"]).is_err());
    Ok(())
}

#[test]
fn a_cluster_sends_keys_to_the_master_of_their_slot() -> Result<()> {
    let mut cluster = RedisCluster::start()?;
    let answers: Vec<bool> = cluster
        .nodes()
        .iter()
        .map(|node| node.execute(&["SET", "{one}:key", "value"]).is_ok())
        .collect();
    assert_eq!(answers.iter().filter(|taken| **taken).count(), 1);
    Ok(())
}
