//! Machines that disagree about the time, by a minute and a half between them: tokens of one hold at the other, whoever logs in
//! after everybody was logged out is in, and what is leased and due is done once.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::{Context, Result};
use app::database::Timestamp;
use hyper::Method;
use serde_json::json;
use testkit::wrong_clock;

use crate::support::{Client, Engine, Place, Spawned, eventually};

const PEOPLE: usize = 12;

fn process(place: &Place, mails: &testkit::Smtp, shift: &str, library: &Path) -> Result<Spawned> {
    let (mail_url, library) = (mails.url(), library.display().to_string());
    let mut pairs = vec![
        ("DATABASE_URL", place.url.as_str()),
        ("SMTP_URL", mail_url.as_str()),
        ("AUTH_CACHE_SECONDS", "1"),
    ];
    let clock = wrong_clock::variables(&library, shift);
    pairs.extend(clock);
    Spawned::start(&[], &pairs)
}

/// Nobody reads the rest of its log.
fn unheard(mut process: Spawned) {
    tokio::spawn(async move { while let Ok(Some(_)) = process.line().await {} });
}

async fn everybody_is_known_at_both(one: &Client, other: &Client, name: &str) -> Result<()> {
    let (me, id) = one.sign_up(&format!("{name}@example.com")).await?;
    let elsewhere = other.with_token(me.token().unwrap_or_default());
    let path = format!("/api/users/{id}");
    for client in [&me, &elsewhere] {
        assert_eq!(client.get(&path).await?.status, 200, "{name}");
    }
    let post = json!({"title": name, "content": "c"});
    let key = [("idempotency-key", name)];
    let first = me
        .send_with(Method::POST, "/api/posts", &key, Some(&post))
        .await?;
    let again = elsewhere
        .send_with(Method::POST, "/api/posts", &key, Some(&post))
        .await?;
    assert_eq!((first.status, &first.json), (again.status, &again.json));
    let left = elsewhere.post("/auth/logout", &json!({})).await?;
    assert_eq!(left.status, 204, "{left:?}");
    eventually("the log-out holds at both", || async {
        (me.get(&path).await.ok()?.status == 401).then_some(())
    })
    .await
}

/// SQLite is never on another machine than the service.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn processes_whose_clocks_disagree_are_one_service() -> Result<()> {
    let library = wrong_clock::library()?;
    let place = Place::primary(Engine::Postgres).await?;
    let mails = testkit::Smtp::start()?;
    let mut ahead = process(&place, &mails, "+45s", &library)?;
    let mut behind = process(&place, &mails, "-45s", &library)?;
    let clients = [ahead.client().await?, behind.client().await?];
    clients[0].get("/health/live").await?;
    let line = ahead.line().await?.context("a line")?;
    let (told, now) = (
        line["timestamp"].as_str(),
        Timestamp::now().with_milliseconds(),
    );
    assert!(
        told.is_some_and(|told| told[..19] > now[..19]),
        "{line} at {now}"
    );
    unheard(ahead);
    unheard(behind);
    for number in 0..PEOPLE {
        let (one, other) = (&clients[number % 2], &clients[(number + 1) % 2]);
        everybody_is_known_at_both(one, other, &format!("u{number}")).await?;
    }
    eventually("everybody is welcomed", || async {
        let open = "SELECT count(*) AS x FROM deliveries WHERE state <> 'done'";
        let all = mails.mails().len() >= PEOPLE;
        (all && place.text(open).await.ok()? == "0").then_some(())
    })
    .await?;
    let to: Vec<_> = mails.mails().into_iter().flat_map(|mail| mail.to).collect();
    let different: BTreeSet<_> = to.iter().collect();
    assert_eq!((to.len(), different.len()), (PEOPLE, PEOPLE), "{to:?}");

    place
        .execute("UPDATE database_identity SET sessions_valid_after = now()")
        .await?;
    for (client, name) in clients.iter().zip(["late", "later"]) {
        let email = format!("{name}@example.com");
        let (me, id) = client.sign_up(&email).await?;
        let path = format!("/api/users/{id}");
        let token = me.token().context("a token")?;
        for at in &clients {
            eventually("who logged in afterwards is in", || async {
                let answer = at.with_token(token).get(&path).await.ok()?;
                (answer.status == 200).then_some(())
            })
            .await?;
        }
    }
    Ok(())
}
