//! More requests than there is room for, and a process that is leaving.

use anyhow::Result;
use app::config::Role;
use serde_json::json;

use crate::support::{Engine, Place, Service, Spawned, eventually, on_both_engines};

on_both_engines!(what_finds_no_room_is_told_to_come_again);

async fn what_finds_no_room_is_told_to_come_again(engine: Engine) -> Result<()> {
    let place = Place::primary(engine).await?;
    let pairs = [
        ("DATABASE_URL", place.url.as_str()),
        ("REQUESTS_AT_ONCE", "1"),
        ("HEARTBEAT_INTERVAL", "3600"),
    ];
    let service = Service::start(Role::All, &pairs).await??;
    let (author, _) = service.client.sign_up("ann@example.com").await?;
    let hold = place.hold_writes().await?;
    let writing = tokio::spawn({
        let author = author.clone();
        async move {
            let post = json!({"title": "A title", "content": "Some content"});
            eventually("it found room", || async {
                let answer = author.post("/api/posts", &post).await.ok()?;
                (answer.status != 503).then_some(answer)
            })
            .await
        }
    });
    let refused = eventually("there is no room", || async {
        let answer = author.get("/api/posts").await.ok()?;
        (answer.status == 503).then_some(answer)
    })
    .await?;
    assert_eq!(refused.problem(), (503, "overloaded"));
    assert_eq!(refused.header("retry-after"), "1");
    assert_eq!(author.get("/health/live").await?.status, 200);
    assert!(!writing.is_finished());
    hold.release().await?;
    assert_eq!(writing.await??.status, 201);
    let answer = eventually("there is room again", || async {
        let answer = author.get("/api/posts").await.ok()?;
        (answer.status == 200).then_some(answer)
    });
    answer.await?;
    assert!(
        service
            .measurements()
            .await?
            .contains("http_requests_shed_total")
    );
    service.stop().await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_process_that_leaves_says_so_before_it_takes_no_more() -> Result<()> {
    let place = Place::primary(Engine::Sqlite).await?;
    let pairs = [
        ("DATABASE_URL", place.url.as_str()),
        ("SHUTDOWN_GRACE", "4"),
    ];
    let mut process = Spawned::start(&[], &pairs)?;
    let client = process.client().await?;
    assert_eq!(client.get("/health/ready").await?.status, 200);
    process.signal("-TERM")?;
    eventually("it is not ready any more", || async {
        let answer = client.get("/health/ready").await.ok()?;
        (answer.status == 503).then_some(())
    })
    .await?;
    // On a connection of its own: the listener is still there.
    let newcomer = crate::support::Client::new(client.address());
    assert_eq!(newcomer.get("/openapi.json").await?.status, 200);
    let (status, lines) = process.end().await?;
    assert!(status.success(), "{lines:?}");
    assert_eq!(
        lines.last().map(|line| &line["message"]),
        Some(&json!("stopped"))
    );
    Ok(())
}
