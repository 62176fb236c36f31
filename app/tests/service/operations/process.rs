//! The process itself: exit codes, log, signals, and what a kill -9 leaves.

use anyhow::{Context, Result};
use serde_json::json;

use crate::support::{
    Client, DescriptorFile, Engine, Place, Service, Spawned, eventually, on_both_engines,
};

on_both_engines!(
    it_stops_cleanly_when_told_to,
    requests_in_flight_are_finished_before_it_stops,
    what_a_kill_leaves_is_tolerated_by_the_next_start,
    it_says_in_one_line_why_it_does_not_start,
);

fn following(descriptor: &DescriptorFile) -> Result<Spawned> {
    let path = descriptor.path().display().to_string();
    Spawned::start(&["--role", "all"], &[("DATABASE_DESCRIPTOR", &path)])
}

async fn it_stops_cleanly_when_told_to(engine: Engine) -> Result<()> {
    let place = Place::primary(engine).await?;
    let descriptor = DescriptorFile::of(&place)?;
    for signal in ["-TERM", "-INT"] {
        let mut process = following(&descriptor)?;
        let client = process.client().await?;
        let presence = descriptor.applied(1).await?;
        assert_eq!(presence["pid"], process.child.id().context("it runs")?);
        assert_eq!(presence["role"], "all");
        assert_eq!(presence["app_schema"], app::database::APP_SCHEMA);
        let (client, id) = client.sign_up(&format!("me{signal}@example.com")).await?;
        client.get(&format!("/api/users/{id}")).await?;
        process.signal(signal)?;
        let (status, log) = process.end().await?;
        assert_eq!(status.code(), Some(0));
        assert!(descriptor.presences().is_empty());
        assert_eq!(log.last().context("it said nothing")?["message"], "stopped");
        let read = log
            .iter()
            .find(|line| line["route"] == "/api/users/{id}")
            .context("no line")?;
        assert_eq!(read["user_id"], id);
        assert!(
            read["duration"]
                .as_f64()
                .is_some_and(|seconds| seconds > 0.0)
        );
        assert!(
            !format!("{log:?}").contains("correct horse"),
            "a password is in the log"
        );
    }
    eventually("no session is left", || async {
        (place.connections_of_the_service().await.ok()? == 0).then_some(())
    })
    .await
}

async fn requests_in_flight_are_finished_before_it_stops(engine: Engine) -> Result<()> {
    let place = Place::primary(engine).await?;
    let descriptor = DescriptorFile::of(&place)?;
    let service = Service::quietly_following(&descriptor, &place).await?;
    let (client, _) = service.client.sign_up("me@example.com").await?;
    let hold = place.hold_writes().await?;
    let writing = tokio::spawn({
        let client = client.clone();
        async move {
            client
                .post("/api/posts", &json!({"title": "a", "content": "b"}))
                .await
        }
    });
    service.write_in_flight().await?;
    let stopping = tokio::spawn(service.stop());
    eventually("the listener is closed", || async {
        // A client of its own: an open connection would be answered still.
        Client::new(client.address())
            .get("/health/live")
            .await
            .err()
            .map(drop)
    })
    .await?;
    assert!(!writing.is_finished() && !stopping.is_finished());
    hold.release().await?;
    assert_eq!(writing.await??.status, 201);
    stopping.await?;
    assert_eq!(place.text("SELECT count(*) AS x FROM posts").await?, "1");
    assert!(descriptor.presences().is_empty());
    Ok(())
}

async fn what_a_kill_leaves_is_tolerated_by_the_next_start(engine: Engine) -> Result<()> {
    let place = Place::primary(engine).await?;
    let descriptor = DescriptorFile::of(&place)?;
    let mut killed = following(&descriptor)?;
    let client = killed.client().await?;
    client.sign_up("me@example.com").await?;
    let leftover = descriptor.applied(1).await?;
    killed.signal("-KILL")?;
    killed.end().await?;
    // Half a file of one that was killed while writing.
    std::fs::write(descriptor.processes().join("half.json.new"), "{\"version\"")?;

    let mut next = following(&descriptor)?;
    let client = next.client().await?;
    let body = json!({"email": "me@example.com", "password": "correct horse battery"});
    assert_eq!(client.post("/auth/login", &body).await?.status, 200);
    eventually("both are there", || async {
        let presences = descriptor.presences();
        (presences.len() == 2 && presences.contains(&leftover)).then_some(())
    })
    .await?;
    next.signal("-TERM")?;
    assert_eq!(next.end().await?.0.code(), Some(0));
    // Whose process is gone is for opsctl to judge; the next one took away only its own.
    assert_eq!(descriptor.presences(), [leftover]);
    Ok(())
}

async fn it_says_in_one_line_why_it_does_not_start(engine: Engine) -> Result<()> {
    let place = Place::migrated(engine).await?;
    let url = ("DATABASE_URL", place.url.as_str());
    for (arguments, pairs, code, hint) in [
        (vec![], vec![url], 1, "opsctl migrate up"),
        (vec!["--role", "cook"], vec![url], 2, "app --help"),
        (vec![], vec![], 2, "opsctl up"),
        (vec![], vec![url, ("JWT_SECRET", "short")], 2, "app --help"),
        (vec![], vec![url, ("APP_ENV", "prod")], 2, "app --help"),
        (
            vec![],
            vec![("DATABASE_DESCRIPTOR", "/nowhere/database.json")],
            1,
            "opsctl doctor",
        ),
    ] {
        let (status, log) = Spawned::start(&arguments, &pairs)?.end().await?;
        assert_eq!(status.code(), Some(code), "{log:?}");
        let [line] = log.as_slice() else {
            anyhow::bail!("not one line: {log:?}");
        };
        assert_eq!(line["level"], "ERROR");
        assert!(
            line["hint"]
                .as_str()
                .is_some_and(|text| text.contains(hint)),
            "{line}"
        );
        assert!(!line.to_string().contains("only-of-the-tests"), "{line}");
    }
    Ok(())
}
