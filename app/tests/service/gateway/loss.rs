//! One of two services is gone, and nobody who may ask again notices.

use anyhow::Result;
use hyper::StatusCode;

use super::front::Front;
use crate::support::{Engine, Place, Spawned};

const REQUESTS: usize = 300;
const KILLED_AFTER: usize = 100;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_read_fails_when_one_of_two_services_is_killed() -> Result<()> {
    let place = Place::primary(Engine::Postgres).await?;
    let database = [("DATABASE_URL", place.url.as_str())];
    let mut victim = Spawned::start(&[], &database)?;
    let mut other = Spawned::start(&[], &database)?;
    let addresses = [
        victim.client().await?.address().to_owned(),
        other.client().await?.address().to_owned(),
    ];
    let front = Front::before(&addresses.each_ref().map(String::as_str))?;
    let (caller, id) = front.client.sign_up("reader@example.com").await?;
    tokio::spawn(async move { while let Ok(Some(_)) = other.line().await {} });

    for number in 0..REQUESTS {
        if number == KILLED_AFTER {
            victim.signal("-KILL")?;
        }
        let answer = caller.get(&format!("/api/users/{id}")).await?;
        assert_eq!(answer.status, StatusCode::OK, "{number}: {answer:?}");
    }
    Ok(())
}
