//! Verified tokens are remembered for seconds: what ends that at once, and what ends it when the seconds are over.

use anyhow::Result;
use app::config::Role;
use serde_json::json;

use crate::support::{Client, DescriptorFile, Engine, Place, Service, eventually, on_both_engines};

on_both_engines!(
    a_log_out_here_ends_a_token_that_was_just_used,
    a_new_password_and_a_deleted_account_end_every_token_that_was_just_used,
    a_token_revoked_behind_its_back_is_refused_when_the_seconds_are_over,
    without_the_memory_a_revocation_elsewhere_holds_at_once,
    what_was_remembered_is_forgotten_when_the_platform_stood_aside,
    revoking_everybody_ends_what_was_remembered,
);

const REVOKE: &str = "UPDATE sessions SET revoked_at = '2024-01-15T10:30:00.000Z'";

async fn remembering(place: &Place, seconds: &str) -> Result<Service> {
    let pairs = [
        ("DATABASE_URL", place.url.as_str()),
        ("AUTH_CACHE_SECONDS", seconds),
    ];
    Ok(Service::start(Role::All, &pairs).await??)
}

/// Somebody whose token the service knows.
async fn known(service: &Service, name: &str) -> Result<(Client, String)> {
    let (client, id) = service.client.sign_up(name).await?;
    let path = format!("/api/users/{id}");
    assert_eq!(client.get(&path).await?.status, 200);
    Ok((client, path))
}

async fn refused(client: &Client, path: &str) -> Result<()> {
    assert_eq!(client.get(path).await?.problem(), (401, "invalid_token"));
    Ok(())
}

async fn refused_in_time(client: &Client, path: &str) -> Result<()> {
    eventually("the token is refused", || async {
        let answer = client.get(path).await.ok()?;
        (answer.status == 401).then_some(())
    })
    .await
}

async fn a_log_out_here_ends_a_token_that_was_just_used(engine: Engine) -> Result<()> {
    let place = Place::primary(engine).await?;
    let service = remembering(&place, "60").await?;
    let (client, path) = known(&service, "me@example.com").await?;
    let (other, others) = known(&service, "other@example.com").await?;
    client.post("/auth/logout", &json!({})).await?;
    refused(&client, &path).await?;
    assert_eq!(other.get(&others).await?.status, 200);
    Ok(())
}

async fn a_new_password_and_a_deleted_account_end_every_token_that_was_just_used(
    engine: Engine,
) -> Result<()> {
    let place = Place::primary(engine).await?;
    let service = remembering(&place, "60").await?;
    let (client, path) = known(&service, "me@example.com").await?;
    let login = json!({"email": "me@example.com", "password": "correct horse battery"});
    let token = service.client.post("/auth/login", &login).await?;
    let second = service.client.with_token(token.text("access_token"));
    assert_eq!(second.get(&path).await?.status, 200);
    let body =
        json!({"current_password": "correct horse battery", "new_password": "another horse"});
    let changed = client.post(&format!("{path}/password"), &body).await?;
    assert_eq!(changed.status, 204);
    refused(&client, &path).await?;
    refused(&second, &path).await?;

    let (gone, path) = known(&service, "gone@example.com").await?;
    assert_eq!(gone.delete(&path).await?.status, 204);
    refused(&gone, &path).await
}

async fn a_token_revoked_behind_its_back_is_refused_when_the_seconds_are_over(
    engine: Engine,
) -> Result<()> {
    let place = Place::primary(engine).await?;
    let service = remembering(&place, "60").await?;
    let (client, path) = known(&service, "me@example.com").await?;
    place.execute(REVOKE).await?;
    // That it is remembered, and not asked for, shows in that it still works.
    assert_eq!(client.get(&path).await?.status, 200);

    let forgetful = remembering(&place, "1").await?;
    let (client, path) = known(&forgetful, "other@example.com").await?;
    place.execute(REVOKE).await?;
    refused_in_time(&client, &path).await
}

async fn without_the_memory_a_revocation_elsewhere_holds_at_once(engine: Engine) -> Result<()> {
    let place = Place::primary(engine).await?;
    let (here, there) = (
        remembering(&place, "0").await?,
        remembering(&place, "0").await?,
    );
    let (client, path) = known(&here, "me@example.com").await?;
    let elsewhere = there.client.with_token(client.token().unwrap_or_default());
    assert_eq!(elsewhere.get(&path).await?.status, 200);
    client.post("/auth/logout", &json!({})).await?;
    refused(&elsewhere, &path).await
}

async fn what_was_remembered_is_forgotten_when_the_platform_stood_aside(
    engine: Engine,
) -> Result<()> {
    let place = Place::primary(engine).await?;
    let descriptor = DescriptorFile::of(&place)?;
    let path = descriptor.path().display().to_string();
    let pairs = [
        ("DATABASE_DESCRIPTOR", path.as_str()),
        ("AUTH_CACHE_SECONDS", "60"),
    ];
    let service = Service::start(Role::All, &pairs).await??;
    descriptor.applied(1).await?;
    let (client, path) = known(&service, "me@example.com").await?;
    descriptor.write(&place, 2, "maintenance")?;
    descriptor.applied(2).await?;
    assert_eq!(client.get(&path).await?.problem(), (503, "maintenance"));
    place.execute(REVOKE).await?;
    descriptor.write(&place, 3, "normal")?;
    descriptor.applied(3).await?;
    refused(&client, &path).await
}

async fn revoking_everybody_ends_what_was_remembered(engine: Engine) -> Result<()> {
    let place = Place::primary(engine).await?;
    let service = remembering(&place, "60").await?;
    let (client, path) = known(&service, "me@example.com").await?;
    place
        .execute("UPDATE database_identity SET sessions_valid_after = '2100-01-01T00:00:00.000Z'")
        .await?;
    refused_in_time(&client, &path).await
}
