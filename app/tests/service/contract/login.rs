//! Log-in: what it tells, what it does not tell, and when its tokens end.

use std::time::{Duration, Instant};

use anyhow::Result;
use app::config::Role;
use serde_json::json;

use crate::support::{Engine, Place, Service, eventually, on_both_engines};

on_both_engines!(
    an_unknown_account_and_a_wrong_password_look_and_cost_the_same,
    a_token_ends,
    revoked_sessions_end_without_a_restart,
    a_storm_of_log_ins_does_not_starve_reads,
);

async fn an_unknown_account_and_a_wrong_password_look_and_cost_the_same(
    engine: Engine,
) -> Result<()> {
    let place = Place::primary(engine).await?;
    let service = Service::on(&place).await?;
    service.client.sign_up("known@example.com").await?;
    let attempt = async |email: &str| -> Result<(Duration, serde_json::Value)> {
        let body = json!({"email": email, "password": "wrong horse"});
        let began = Instant::now();
        let answer = service.client.post("/auth/login", &body).await?;
        assert_eq!(answer.problem(), (401, "invalid_credentials"));
        Ok((began.elapsed(), answer.json))
    };
    let mut fastest = [Duration::MAX; 3];
    let apart = |fastest: &[Duration; 3]| {
        let (least, most) = (fastest.iter().min(), fastest.iter().max());
        most >= least.map(|time| *time * 3).as_ref()
    };
    for round in 0..60 {
        if round >= 5 && !apart(&fastest) {
            break;
        }
        // The right password forgives the wrong ones before it, or the account would be slowed down.
        let right = json!({"email": "known@example.com", "password": "correct horse battery"});
        assert_eq!(
            service.client.post("/auth/login", &right).await?.status,
            200
        );
        let (known, answer) = attempt("known@example.com").await?;
        let (unknown, other_answer) = attempt(&format!("unknown{round}@example.com")).await?;
        let (malformed, third_answer) = attempt(&format!("no address {round}")).await?;
        assert_eq!(answer, other_answer);
        assert_eq!(answer, third_answer);
        for (slot, time) in fastest.iter_mut().zip([known, unknown, malformed]) {
            *slot = (*slot).min(time);
        }
    }
    // The fastest of many is not disturbed by other work; without the decoy they differ tenfold, always.
    assert!(!apart(&fastest), "{fastest:?}");
    Ok(())
}

async fn a_token_ends(engine: Engine) -> Result<()> {
    let place = Place::primary(engine).await?;
    let pairs = [
        ("DATABASE_URL", place.url.as_str()),
        ("JWT_EXPIRATION", "1"),
    ];
    let service = Service::start(Role::All, &pairs).await??;
    let (client, id) = service.client.sign_up("me@example.com").await?;
    let path = format!("/api/users/{id}");
    eventually("the token has ended", || async {
        let answer = client.get(&path).await.ok()?;
        (answer.status == 401).then_some(())
    })
    .await
}

async fn revoked_sessions_end_without_a_restart(engine: Engine) -> Result<()> {
    let place = Place::primary(engine).await?;
    let service = Service::on(&place).await?;
    let (client, id) = service.client.sign_up("me@example.com").await?;
    let path = format!("/api/users/{id}");
    assert_eq!(client.get(&path).await?.status, 200);
    // A moment that every token so far is older than, and that has come before anybody can log in again.
    let now = match engine {
        Engine::Sqlite => "strftime('%Y-%m-%dT%H:%M:%fZ', 'now', '+1 second')",
        Engine::Postgres => "now() + interval '1 second'",
    };
    place
        .execute(&format!(
            "UPDATE database_identity SET sessions_valid_after = {now}"
        ))
        .await?;
    eventually("the old token is refused", || async {
        let answer = client.get(&path).await.ok()?;
        (answer.status == 401).then_some(())
    })
    .await?;
    let body = json!({"email": "me@example.com", "password": "correct horse battery"});
    eventually("a new token holds", || async {
        let session = service.client.post("/auth/login", &body).await.ok()?;
        let fresh = service.client.with_token(session.text("access_token"));
        (fresh.get(&path).await.ok()?.status == 200).then_some(())
    })
    .await
}

async fn a_storm_of_log_ins_does_not_starve_reads(engine: Engine) -> Result<()> {
    let place = Place::primary(engine).await?;
    let service = Service::on(&place).await?;
    let (client, id) = service.client.sign_up("me@example.com").await?;
    let mut storm = tokio::task::JoinSet::new();
    for number in 0..200 {
        // One account is slowed down sooner than that.
        let email = format!("number{number}@example.com");
        let body = json!({"email": email, "password": "wrong horse"});
        let client = service.client.clone();
        storm.spawn(async move { client.post("/auth/login", &body).await });
    }
    let read = client.get(&format!("/api/users/{id}")).await?;
    assert_eq!(read.status, 200);
    assert!(
        storm.try_join_next().is_none() || !storm.is_empty(),
        "the read waited for the storm"
    );
    let mut overloaded = 0;
    while let Some(answer) = storm.join_next().await {
        let answer = answer??;
        match answer.problem() {
            // So many wrong ones slow their address down as well.
            (401, "invalid_credentials") | (429, "too_many_attempts") => {}
            (503, "overloaded") => {
                assert_eq!(answer.header("retry-after"), "1");
                overloaded += 1;
            }
            other => anyhow::bail!("{other:?}"),
        }
    }
    let cores = std::thread::available_parallelism()?.get();
    // More than may wait at once is refused instead of queued; how many may depends on the cores.
    assert!(
        overloaded > 0 || cores > 8,
        "nothing was refused on {cores} cores"
    );
    Ok(())
}
