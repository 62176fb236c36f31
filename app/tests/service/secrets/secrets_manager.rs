//! Secrets from AWS Secrets Manager, as a rotation moves them from stage to stage.

use anyhow::{Context, Result};
use serde_json::{Value, json};
use testkit::secrets_manager::SecretsManager;

use crate::support::{Client, Engine, JWT_SECRET, Place, Spawned, eventually};

const SECOND: &str = "the second secret of the tests, long enough too";

pub fn start(manager: &SecretsManager) -> Result<Spawned> {
    let url = manager.url();
    let pairs = [
        ("JWT_SECRET", ""),
        ("SECRETS_MANAGER_IDS", "app/keys, app/database"),
        ("SECRETS_INTERVAL", "1"),
        ("AWS_ENDPOINT_URL_SECRETS_MANAGER", url.as_str()),
        ("AWS_REGION", "eu-central-1"),
        ("AWS_ACCESS_KEY_ID", "of-a-test"),
        ("AWS_SECRET_ACCESS_KEY", "of-a-test"),
        ("AWS_EC2_METADATA_DISABLED", "true"),
        ("LOG_LEVEL", "WARNING"),
        ("METRICS_PORT", "0"),
    ];
    Spawned::start(&[], &pairs)
}

pub async fn line_that_says(process: &mut Spawned, text: &str) -> Result<Value> {
    loop {
        let line = process.line().await?.context("it ended")?;
        if line.to_string().contains(text) {
            return Ok(line);
        }
    }
}

async fn log_in(client: &Client) -> Result<Client> {
    let body = json!({"email": "me@example.com", "password": "correct horse battery"});
    let session = client.post("/auth/login", &body).await?;
    Ok(client.with_token(session.text("access_token")))
}

async fn may_read(client: &Client) -> Result<bool> {
    Ok(client.get("/api/posts").await?.status == 200)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_passes_through_the_stages_and_nobody_is_logged_out() -> Result<()> {
    let place = Place::primary(Engine::Postgres).await?;
    let manager = SecretsManager::start().await?;
    manager.put("app/keys", &json!({"JWT_SECRET": JWT_SECRET}));
    manager.put(
        "app/database",
        &json!({"DATABASE_URL": place.url, "owner": "nobody asks"}),
    );
    let mut process = start(&manager)?;
    let client = process.client().await?;
    let (old, _) = client.sign_up("me@example.com").await?;
    assert_eq!(manager.values_read(), 2);

    // What is being prepared may be half done.
    manager.put_pending("app/keys", "not JSON yet");
    manager.put_pending("app/keys", &json!({"JWT_SECRET": SECOND}).to_string());
    line_that_says(&mut process, "the keys of tokens changed").await?;
    assert!(may_read(&old).await? && may_read(&log_in(&client).await?).await?);

    manager.promote("app/keys");
    line_that_says(&mut process, "the keys of tokens changed").await?;
    let new = log_in(&client).await?;
    let key = |client: &Client| {
        client
            .token()
            .map(|token| token.split('.').next().map(str::to_owned))
    };
    assert_ne!(key(&new), key(&old));
    assert!(may_read(&old).await? && may_read(&new).await?);
    let read = manager.values_read();

    // Away, it costs nothing but a line; what is known stays.
    manager.be_away(true);
    let line = line_that_says(&mut process, "cannot be read").await?;
    assert_eq!(line["level"], "ERROR", "{line}");
    assert!(may_read(&new).await?);
    manager.be_away(false);

    let third = "the third secret of the tests, as long as others";
    manager.put("app/keys", &json!({"JWT_SECRET": third}));
    eventually("the first key is gone", || async {
        (!may_read(&old).await.ok()?).then_some(())
    })
    .await?;
    assert!(may_read(&new).await?);
    assert_eq!(manager.values_read(), read + 1, "each version is read once");
    process.signal("-TERM")?;
    let (_, log) = process.end().await?;
    for secret in [SECOND, third, JWT_SECRET, "only-of-the-tests"] {
        assert!(!format!("{log:?}").contains(secret));
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_secret_that_is_not_there_is_named_at_start() -> Result<()> {
    let manager = SecretsManager::start().await?;
    manager.put("app/keys", &json!({"JWT_SECRET": JWT_SECRET}));
    let (status, log) = start(&manager)?.end().await?;
    assert_eq!(status.code(), Some(2), "{log:?}");
    let line = log.last().context("it said nothing")?.to_string();
    assert!(
        line.contains("app/database") && line.contains("ResourceNotFound"),
        "{line}"
    );
    assert!(line.contains("GetSecretValue"), "{line}");
    Ok(())
}
