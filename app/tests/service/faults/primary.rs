//! The database goes while people write, killed and stopped in order: who is refused is told to come again, and whoever does so
//! under the same key has written once.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::{Context, Result};
use app::config::Role;
use futures::future::try_join_all;
use hyper::Method;
use serde_json::json;
use testkit::Postgres;

use crate::support::{Client, Service, eventually, set_up};

const WRITERS: usize = 6;
/// Posts of each.
const POSTS: usize = 60;

/// What has been answered so far.
#[derive(Default)]
struct Answered {
    written: AtomicUsize,
    refused: AtomicUsize,
}

/// Writes one post, and asks again until it is written.
async fn write(client: &Client, title: &str, answered: &Answered) -> Result<()> {
    let post = json!({"title": title, "content": "c", "published": true});
    eventually("it is written", || async {
        let key = [("idempotency-key", title)];
        let asked = client.send_with(Method::POST, "/api/posts", &key, Some(&post));
        let answer = asked.await.ok()?;
        if answer.status == 201 {
            answered.written.fetch_add(1, Ordering::SeqCst);
            return Some(Ok(()));
        }
        answered.refused.fetch_add(1, Ordering::SeqCst);
        let told = answer.problem() == (503, "database_unavailable")
            && !answer.header("retry-after").is_empty();
        (!told).then(|| Err(anyhow::anyhow!("{answer:?}")))
    })
    .await?
}

async fn writes(client: Client, writer: usize, answered: &Answered) -> Result<()> {
    for number in 0..POSTS {
        write(&client, &format!("{writer}-{number}"), answered).await?;
    }
    Ok(())
}

/// Waits until so many more were answered so.
async fn more(what: &str, count: &AtomicUsize, by: usize) -> Result<()> {
    let enough = count.load(Ordering::SeqCst) + by;
    eventually(what, || async {
        (count.load(Ordering::SeqCst) >= enough).then_some(())
    })
    .await
}

async fn goes_and_comes_back(server: &mut Postgres, answered: &Answered) -> Result<()> {
    for ends in [Postgres::crash, Postgres::stop] {
        more("people write", &answered.written, 20).await?;
        tokio::task::block_in_place(|| ends(server))?;
        more("people are told to come again", &answered.refused, 20).await?;
        tokio::task::block_in_place(|| server.start_again())?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_that_was_answered_is_lost_and_nothing_that_was_repeated_is_doubled() -> Result<()>
{
    let mut server = Postgres::start()?;
    set_up(&server).await?;
    let url = server.url();
    let pairs = [
        ("DATABASE_URL", url.as_str()),
        ("DATABASE_TIMEOUT", "2"),
        ("DATABASE_POOL_SIZE", "4"),
    ];
    let service = Service::start(Role::All, &pairs).await??;
    let (client, _) = service.client.sign_up("me@example.com").await?;
    let answered = Answered::default();
    let writing = (0..WRITERS).map(|writer| writes(client.clone(), writer, &answered));
    let writing = try_join_all(writing);
    let (written, went) = tokio::join!(writing, goes_and_comes_back(&mut server, &answered));
    went?;
    written?;

    let titles = server.execute("app", "SELECT title FROM posts")?;
    let rows = titles.lines().count();
    let different: BTreeSet<_> = titles.lines().collect();
    assert_eq!((rows, different.len()), (WRITERS * POSTS, WRITERS * POSTS));
    let told = "SELECT count(DISTINCT entity_id) FROM audit_log WHERE action = 'post.created'";
    eventually("each is told of", || async {
        let told: usize = server.execute("app", told).ok()?.parse().ok()?;
        (told == WRITERS * POSTS).then_some(())
    })
    .await?;
    let events = "SELECT count(*) FROM outbox WHERE kind = 'post.created'";
    let events: usize = server.execute("app", events)?.parse().context("a number")?;
    assert_eq!(events, WRITERS * POSTS);
    service.stop().await;
    Ok(())
}
