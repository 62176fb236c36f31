//! A key of tokens passes through next, current and previous, and is gone.

use anyhow::Result;
use app::config::Role;
use serde_json::json;

use crate::support::{
    Client, Engine, JWT_SECRET, Place, SecretsFile, Service, eventually, on_both_engines,
};

const SECOND: &str = "the second secret of the tests, long enough too";

on_both_engines!(
    a_key_changes_without_logging_anyone_out,
    a_key_that_is_too_short_changes_nothing
);

async fn service(place: &Place, file: &SecretsFile) -> Result<Service> {
    let path = file.path().display().to_string();
    let pairs = [
        ("JWT_SECRET", ""),
        ("DATABASE_URL", &place.url),
        ("SECRETS_FILE", &path),
        ("SECRETS_INTERVAL", "1"),
    ];
    Ok(Service::start(Role::All, &pairs).await??)
}

/// A token's first part, which names its key and nothing else that differs.
pub fn key(client: &Client) -> Option<&str> {
    client.token()?.split('.').next()
}

pub async fn log_in(service: &Service) -> Result<Client> {
    let body = json!({"email": "me@example.com", "password": "correct horse battery"});
    let session = service.client.post("/auth/login", &body).await?;
    Ok(service.client.with_token(session.text("access_token")))
}

pub async fn may_read(client: &Client) -> Result<bool> {
    Ok(client.get("/api/posts").await?.status == 200)
}

async fn a_key_changes_without_logging_anyone_out(engine: Engine) -> Result<()> {
    let place = Place::primary(engine).await?;
    let file = SecretsFile::of(&[("JWT_SECRET", JWT_SECRET)])?;
    let service = service(&place, &file).await?;
    let (old, _) = service.client.sign_up("me@example.com").await?;

    file.write(&[("JWT_SECRET", SECOND), ("JWT_SECRET_PREVIOUS", JWT_SECRET)])?;
    let new = eventually("a log-in is signed with the new key", || async {
        let client = log_in(&service).await.ok()?;
        (key(&client) != key(&old)).then_some(client)
    })
    .await?;
    assert!(may_read(&old).await? && may_read(&new).await?);

    file.write(&[("JWT_SECRET", SECOND)])?;
    eventually("the old key is gone", || async {
        (!may_read(&old).await.ok()?).then_some(())
    })
    .await?;
    assert!(may_read(&new).await?);
    service.stop().await;
    Ok(())
}

async fn a_key_that_is_too_short_changes_nothing(engine: Engine) -> Result<()> {
    let place = Place::primary(engine).await?;
    let file = SecretsFile::of(&[("JWT_SECRET", JWT_SECRET)])?;
    let service = service(&place, &file).await?;
    let (client, _) = service.client.sign_up("me@example.com").await?;
    file.write(&[("JWT_SECRET", "short")])?;
    file.write(&[("JWT_SECRET", "short"), ("JWT_SECRET_NEXT", SECOND)])?;
    // One look at the file and more has passed when a later, good one is in use.
    file.write(&[("JWT_SECRET", SECOND), ("JWT_SECRET_PREVIOUS", JWT_SECRET)])?;
    eventually("the good one is in use", || async {
        let later = log_in(&service).await.ok()?;
        (key(&later) != key(&client)).then_some(())
    })
    .await?;
    assert!(may_read(&client).await?);
    service.stop().await;
    Ok(())
}
