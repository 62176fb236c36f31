//! Counting in a cluster, over a failover, after a rotation, and over TLS.

use anyhow::Result;
use app::config::Role;
use hyper::StatusCode;
use testkit::certificates::Authority;
use testkit::leash::Ending;
use testkit::{Redis, RedisCluster};

use super::together::{LIMIT, storm};
use crate::support::{
    Client, Engine, JWT_SECRET, Place, SecretsFile, Service, Spawned, eventually,
};

async fn two(place: &Place, urls: &str) -> Result<[Service; 2]> {
    let limit = LIMIT.to_string();
    let pairs = [
        ("DATABASE_URL", place.url.as_str()),
        ("REDIS_URL", urls),
        ("CACHE", "none"),
        ("RATE_LIMIT_USER", limit.as_str()),
    ];
    let one = Service::start(Role::All, &pairs).await??;
    Ok([one, Service::start(Role::All, &pairs).await??])
}

/// Somebody, as known to both; and where their profile is.
async fn somebody(services: &[Service; 2], email: &str) -> Result<([Client; 2], String)> {
    let (user, id) = services[0].client.sign_up(email).await?;
    let token = user.token().unwrap_or_default();
    let clients = services.each_ref().map(|one| one.client.with_token(token));
    Ok((clients, format!("/api/users/{id}")))
}

/// What the address was counted to, wherever its counter lies.
fn counted(nodes: &[Redis]) -> u64 {
    let of = |node: &Redis| node.execute(&["GET", "rate:{address:127.0.0.1}"]).ok();
    let counts = nodes
        .iter()
        .filter_map(|node| of(node)?.parse::<u64>().ok());
    counts.sum()
}

/// Until each service counts where the others can see it.
pub async fn count_there(clients: &[Client], nodes: &[Redis]) -> Result<()> {
    for client in clients {
        eventually("the service counts in Redis", async || {
            let before = counted(nodes);
            client.get("/api/posts").await.ok()?;
            (counted(nodes) > before).then_some(())
        })
        .await?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn in_a_cluster_two_processes_let_pass_what_one_would() -> Result<()> {
    let place = Place::primary(Engine::Sqlite).await?;
    let mut cluster = RedisCluster::start()?;
    let services = two(&place, &cluster.urls().join(",")).await?;
    let clients = services.each_ref().map(|one| one.client.clone());
    count_there(&clients, cluster.nodes()).await?;
    // Several users: their counters lie on different masters.
    for number in 0..3 {
        let (clients, path) = somebody(&services, &format!("u{number}@example.com")).await?;
        let counts = storm(clients, &path, 4 * LIMIT).await?;
        assert_eq!(counts, (LIMIT, 3 * LIMIT));
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_replica_that_takes_over_is_counted_in() -> Result<()> {
    let place = Place::primary(Engine::Sqlite).await?;
    let mut primary = Redis::start()?;
    let replica = Redis::start_replica_of(&primary)?;
    let urls = format!("{},{}", primary.url(), replica.url());
    let services = two(&place, &urls).await?;
    let clients = services.each_ref().map(|one| one.client.clone());
    count_there(&clients, std::slice::from_ref(&primary)).await?;
    primary.stop(Ending::Crash)?;
    // While nobody is the primary each counts for itself, and nobody is held up.
    let (mine, path) = somebody(&services, "between@example.com").await?;
    assert_eq!(mine[0].get(&path).await?.status, StatusCode::OK);
    replica.execute(&["REPLICAOF", "NO", "ONE"])?;
    count_there(&clients, std::slice::from_ref(&replica)).await?;
    let (mine, path) = somebody(&services, "after@example.com").await?;
    assert_eq!(storm(mine, &path, 4 * LIMIT).await?, (LIMIT, 3 * LIMIT));
    // The one before comes back as a replica, first in the list: it is not counted in.
    primary.start_again()?;
    let port = replica.port().to_string();
    primary.execute(&["REPLICAOF", "127.0.0.1", &port])?;
    let pairs = [("DATABASE_URL", place.url.as_str()), ("REDIS_URL", &urls)];
    let late = Service::start(Role::All, &pairs).await??;
    count_there(
        std::slice::from_ref(&late.client),
        std::slice::from_ref(&replica),
    )
    .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_password_and_another_place_are_picked_up_while_running() -> Result<()> {
    let place = Place::primary(Engine::Sqlite).await?;
    let (here, there) = (Redis::start()?, Redis::start()?);
    let user = ["ACL", "SETUSER", "app", "reset", "on", "~*", "&*", "+@all"];
    let with = |redis: &Redis, password: &str| -> Result<String> {
        let password_rule = format!(">{password}");
        redis.execute(&[&user[..], &[password_rule.as_str()]].concat())?;
        Ok(redis
            .url()
            .replace("redis://", &format!("redis://app:{password}@")))
    };
    let file = SecretsFile::of(&[("REDIS_URL", &with(&here, "first")?)])?;
    let path = file.path().display().to_string();
    let pairs = [
        ("DATABASE_URL", place.url.as_str()),
        ("SECRETS_FILE", path.as_str()),
        ("SECRETS_INTERVAL", "1"),
        ("CACHE", "redis"),
    ];
    let service = Service::start(Role::All, &pairs).await??;
    let client = [service.client.clone()];
    count_there(&client, std::slice::from_ref(&here)).await?;
    file.write(&[("REDIS_URL", &with(&here, "second")?)])?;
    here.execute(&["CLIENT", "KILL", "USER", "app"])?;
    count_there(&client, std::slice::from_ref(&here)).await?;
    file.write(&[("REDIS_URL", &with(&there, "third")?)])?;
    count_there(&client, std::slice::from_ref(&there)).await?;
    eventually("copies are shared there too", async || {
        let listening = there.execute(&["PUBSUB", "NUMSUB", "app:changes"]).ok()?;
        listening.ends_with('1').then_some(())
    })
    .await
}

async fn process_over_tls(place: &Place, redis: &Redis, ca: &str) -> Result<Spawned> {
    let pairs = [
        ("DATABASE_URL", place.url.as_str()),
        ("JWT_SECRET", JWT_SECRET),
        ("REDIS_URL", &redis.url()),
        // Where this machine keeps whom it trusts.
        ("SSL_CERT_FILE", ca),
    ];
    Spawned::start(&[], &pairs)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn copies_and_counters_go_over_tls_to_a_redis_that_proves_its_name_and_to_no_other()
-> Result<()> {
    let place = Place::primary(Engine::Sqlite).await?;
    let folder = tempfile::tempdir()?;
    let (ours, theirs) = (Authority::new()?, Authority::new()?);
    let ca = folder.path().join("ca.pem");
    std::fs::write(&ca, ours.pem())?;
    let ca = ca.display().to_string();
    let names = ["localhost", "127.0.0.1"];
    let redis = Redis::start_encrypted(&ours.issue(&names)?)?;
    let mut process = process_over_tls(&place, &redis, &ca).await?;
    let client = process.client().await?;
    count_there(&[client], std::slice::from_ref(&redis)).await?;
    eventually("copies are shared", async || {
        let listening = redis.execute(&["PUBSUB", "NUMSUB", "app:changes"]).ok()?;
        listening.ends_with('1').then_some(())
    })
    .await?;
    let impostor = Redis::start_encrypted(&theirs.issue(&names)?)?;
    let mut process = process_over_tls(&place, &impostor, &ca).await?;
    let client = process.client().await?;
    let (mut of_limits, mut of_copies) = (false, false);
    while !(of_limits && of_copies) {
        let line = process.line().await?.unwrap_or_default();
        let error = line["error"].as_str().unwrap_or_default().to_lowercase();
        let message = line["message"].as_str().unwrap_or_default();
        let distrusts = error.contains("certificate");
        of_limits |= distrusts && message.contains("limits");
        of_copies |= distrusts && message.contains("reading");
    }
    assert_eq!(client.get("/health/live").await?.status, StatusCode::OK);
    assert_eq!(counted(std::slice::from_ref(&impostor)), 0);
    Ok(())
}
