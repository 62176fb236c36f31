//! From a change to those who act on it.

use anyhow::Result;
use app::config::Role;
use serde_json::json;

use crate::support::{Engine, Place, Service, eventually, on_both_engines};

on_both_engines!(
    a_change_is_told_to_everybody_who_wants_it_and_stands_in_the_audit_log,
    a_refused_change_is_told_to_nobody,
    nothing_happens_beside_the_requests_while_effects_are_held,
);

const OPEN: &str = "SELECT (SELECT count(*) FROM outbox WHERE published_at IS NULL) \
    + (SELECT count(*) FROM deliveries WHERE state = 'pending') AS x";

async fn a_change_is_told_to_everybody_who_wants_it_and_stands_in_the_audit_log(
    engine: Engine,
) -> Result<()> {
    let place = Place::primary(engine).await?;
    let service = Service::on(&place).await?;
    let (me, id) = service.client.sign_up("me@example.com").await?;
    let post = json!({"title": "a", "content": "b"});
    let post = me.post("/api/posts", &post).await?.text("id");
    let admin = service.admin(&place).await?;
    me.delete(&format!("/api/posts/{post}")).await?;
    eventually("everybody was told", || async {
        (place.text(OPEN).await.ok()? == "0").then_some(())
    })
    .await?;
    let told = "SELECT o.kind || ' ' || d.subscriber || ' ' || d.state AS x \
        FROM deliveries d JOIN outbox o ON o.id = d.event_id \
        WHERE o.entity_id = ";
    let mut of_me = place.texts(&format!("{told}'{id}'")).await?;
    of_me.sort();
    assert_eq!(
        of_me,
        ["user.created audit done", "user.created email done"]
    );

    let page = admin.get("/api/admin/audit?entity=posts&limit=1").await?;
    assert_eq!(page.status, 200, "{page:?}");
    let cursor = page.text("next_cursor");
    let next = format!("/api/admin/audit?entity=posts&cursor={cursor}");
    let rest = admin.get(&next).await?;
    let all = page.json["items"].as_array().into_iter().flatten();
    let all = all.chain(rest.json["items"].as_array().into_iter().flatten());
    let lines: Vec<_> = all
        .filter(|line| line["entity_id"] == post.as_str())
        .collect();
    let created = lines.iter().find(|line| line["action"] == "post.created");
    assert_eq!(
        created.map(|line| &line["actor_id"]),
        Some(&json!(id)),
        "{lines:?}"
    );
    assert!(created.is_some_and(|line| line["request_id"].is_string()));
    assert!(lines.iter().any(|line| line["action"] == "deleted"));
    assert!(lines.iter().any(|line| line["action"] == "post.deleted"));
    assert_eq!(me.get("/api/admin/audit").await?.status, 403);
    Ok(())
}

async fn a_refused_change_is_told_to_nobody(engine: Engine) -> Result<()> {
    let place = Place::primary(engine).await?;
    let service = Service::start(Role::Api, &[("DATABASE_URL", &place.url)]).await??;
    service.client.sign_up("me@example.com").await?;
    let again = json!({"email": "ME@example.com", "password": "correct horse battery"});
    assert_eq!(service.client.post("/api/users", &again).await?.status, 409);
    assert_eq!(place.text("SELECT count(*) AS x FROM outbox").await?, "1");
    Ok(())
}

async fn nothing_happens_beside_the_requests_while_effects_are_held(engine: Engine) -> Result<()> {
    let place = Place::primary(engine).await?;
    let hold = "UPDATE database_identity SET effects = 'held'";
    place.execute(hold).await?;
    let service = Service::on(&place).await?;
    service.client.sign_up("me@example.com").await?;
    // The worker looks for itself every second: let it look.
    tokio::time::sleep(std::time::Duration::from_secs(3)).await;
    assert_eq!(place.text(OPEN).await?, "1");
    let release = "UPDATE database_identity SET effects = 'flowing'";
    place.execute(release).await?;
    eventually("what was held happens", || async {
        (place.text(OPEN).await.ok()? == "0").then_some(())
    })
    .await
}
