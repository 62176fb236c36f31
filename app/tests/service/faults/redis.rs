//! Redis goes and comes back while people read and write at two processes: nobody is refused, nobody waits, and nobody is shown
//! what they have changed themselves as it was before.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::Result;
use app::config::Role;
use futures::future::try_join_all;
use serde_json::json;
use testkit::Redis;
use testkit::leash::Ending;

use crate::support::{Client, Engine, Place, Service, eventually};

const PEOPLE: usize = 6;
/// Longer than anybody waits: for Redis itself no request waits for more than half a second.
const PATIENCE: Duration = Duration::from_secs(5);

/// Somebody, their post, and the same person at the other process.
struct Person {
    here: Client,
    there: Client,
    path: String,
}

impl Person {
    async fn new(services: &[Service; 2], number: usize) -> Result<Self> {
        let here = &services[number % 2];
        let there = &services[(number + 1) % 2];
        let (here, _) = here
            .client
            .sign_up(&format!("u{number}@example.com"))
            .await?;
        let there = there.client.with_token(here.token().unwrap_or_default());
        let post = json!({"title": "first", "content": "c", "published": true});
        let post = here.post("/api/posts", &post).await?.text("id");
        let path = format!("/api/posts/{post}");
        Ok(Self { here, there, path })
    }

    async fn title_at(&self, client: &Client) -> Result<String> {
        let began = Instant::now();
        let answer = client.get(&self.path).await?;
        anyhow::ensure!(answer.status == 200, "{answer:?}");
        anyhow::ensure!(began.elapsed() < PATIENCE, "{:?}", began.elapsed());
        Ok(answer.text("title"))
    }

    /// Changes and reads until Redis has gone and come back often enough; the last title.
    async fn works(&self, rounds: &AtomicUsize, done: &AtomicUsize) -> Result<String> {
        let mut title = String::new();
        for number in 0.. {
            title = format!("title {number}");
            let changed = self
                .here
                .patch(&self.path, &json!({"title": title}))
                .await?;
            anyhow::ensure!(changed.status == 200, "{changed:?}");
            for _ in 0..3 {
                let shown = self.title_at(&self.here).await?;
                anyhow::ensure!(shown == title, "{shown} where {title} was written");
                self.title_at(&self.there).await?;
            }
            rounds.fetch_add(1, Ordering::SeqCst);
            if done.load(Ordering::SeqCst) > 0 {
                break;
            }
        }
        Ok(title)
    }
}

async fn goes_and_comes_back(redis: &mut Redis, rounds: &AtomicUsize) -> Result<()> {
    let people_work = || {
        let enough = rounds.load(Ordering::SeqCst) + 10 * PEOPLE;
        eventually("people work on", move || async move {
            (rounds.load(Ordering::SeqCst) >= enough).then_some(())
        })
    };
    for ending in [Ending::Crash, Ending::Orderly, Ending::Crash] {
        people_work().await?;
        redis.stop(ending)?;
        people_work().await?;
        redis.start_again()?;
        people_work().await?;
        redis.hang(true)?;
        people_work().await?;
        redis.hang(false)?;
    }
    people_work().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_redis_goes_and_comes_back_everybody_is_answered_and_sees_their_own_changes()
-> Result<()> {
    let place = Place::primary(Engine::Postgres).await?;
    let mut redis = Redis::start()?;
    let url = redis.url();
    let pairs = [
        ("DATABASE_URL", place.url.as_str()),
        ("REDIS_URL", url.as_str()),
    ];
    let one = Service::start(Role::All, &pairs).await??;
    let services = [one, Service::start(Role::All, &pairs).await??];
    let mut people = Vec::new();
    for number in 0..PEOPLE {
        people.push(Person::new(&services, number).await?);
    }
    let (rounds, done) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let working = try_join_all(people.iter().map(|person| person.works(&rounds, &done)));
    let breaking = async {
        let broke = goes_and_comes_back(&mut redis, &rounds).await;
        done.store(1, Ordering::SeqCst);
        broke
    };
    let (titles, broke) = tokio::join!(working, breaking);
    broke?;
    for (person, title) in people.iter().zip(titles?) {
        eventually("the other process shows it", || async {
            (person.title_at(&person.there).await.ok()? == title).then_some(())
        })
        .await?;
    }
    Ok(())
}
