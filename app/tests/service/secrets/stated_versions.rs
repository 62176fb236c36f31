//! What a process says of the secrets that it uses, and what it follows beside their values: whoever rotates them or puts another
//! database in place waits for that.

use anyhow::{Context, Result};
use serde_json::json;
use testkit::secrets_manager::SecretsManager;

use super::secrets_manager::{line_that_says, start};
use crate::support::{Client, Engine, JWT_SECRET, Place, Spawned, eventually};

const SECOND: &str = "the second secret of the tests, long enough too";

/// A running service, and who measures it.
struct Stage {
    manager: SecretsManager,
    process: Spawned,
    client: Client,
    measured: Client,
}

impl Stage {
    async fn on(place: &Place) -> Result<Self> {
        let manager = SecretsManager::start().await?;
        manager.put("app/keys", &json!({"JWT_SECRET": JWT_SECRET}));
        manager.put("app/database", &json!({"DATABASE_URL": place.url}));
        let mut process = start(&manager)?;
        let line = line_that_says(&mut process, "metrics").await?;
        let address = |name: &str| line[name].as_str().context("no address").map(Client::new);
        Ok(Self {
            client: address("address")?,
            measured: address("metrics")?,
            manager,
            process,
        })
    }

    /// Whether it says that it uses the version in that stage there.
    async fn states(&self, secret: &str, stage: &str) -> Option<bool> {
        let aws = format!("AWS{}", stage.to_uppercase());
        let version = self.manager.version(secret, &aws)?;
        let text = self.measured.get("/metrics").await.ok()?.json;
        let labels = format!(
            "secrets_version{{secret=\"{secret}\",stage=\"{stage}\",version=\"{version}\"}} 1\n"
        );
        Some(text.as_str()?.contains(&labels))
    }

    async fn comes_to_state(&self, secret: &str, stage: &str) -> Result<()> {
        eventually("the version is stated", || async {
            self.states(secret, stage).await?.then_some(())
        })
        .await
    }

    /// How many versions it says that it uses.
    async fn stated(&self) -> Result<usize> {
        let text = self.measured.get("/metrics").await?.json;
        let lines = text.as_str().unwrap_or_default().lines();
        let ours = lines.filter(|line| line.starts_with("secrets_version{"));
        Ok(ours.filter(|line| line.ends_with(" 1")).count())
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_versions_in_use_are_stated_and_no_digest_of_a_value() -> Result<()> {
    let place = Place::primary(Engine::Postgres).await?;
    let stage = Stage::on(&place).await?;
    stage.comes_to_state("app/keys", "current").await?;
    assert_eq!(stage.stated().await?, 2);

    let next = json!({"JWT_SECRET": SECOND}).to_string();
    stage.manager.put_pending("app/keys", &next);
    stage.comes_to_state("app/keys", "pending").await?;
    stage.manager.promote("app/keys");
    stage.comes_to_state("app/keys", "current").await?;
    stage.comes_to_state("app/keys", "previous").await?;
    assert_eq!(stage.stated().await?, 3, "what was left is taken back");

    let third = json!({"JWT_SECRET": "short"});
    stage.manager.put("app/keys", &third);
    let mut process = stage.process;
    line_that_says(&mut process, "cannot be used").await?;
    let stage = Stage { process, ..stage };
    assert_eq!(stage.states("app/keys", "current").await, Some(false));
    assert_eq!(
        stage.stated().await?,
        3,
        "what is in use as a whole stands still"
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_database_serves_only_when_the_place_says_that_it_is_the_right_one() -> Result<()> {
    let place = Place::primary(Engine::Postgres).await?;
    let other = Place::primary(Engine::Postgres).await?;
    let mut stage = Stage::on(&place).await?;
    stage.client.sign_up("before@example.com").await?;

    let silent = json!({"DATABASE_URL": other.url});
    stage.manager.put("app/database", &silent);
    line_that_says(&mut stage.process, "DATABASE_URL").await?;
    assert_eq!(stage.states("app/database", "current").await, Some(false));
    stage.client.sign_up("still@example.com").await?;

    let lineage = "SELECT lineage_id AS x FROM database_identity";
    let lineage = other.text(lineage).await?;
    let said = json!({"DATABASE_URL": other.url, "DATABASE_LINEAGE": lineage});
    stage.manager.put("app/database", &said);
    stage.comes_to_state("app/database", "current").await?;
    stage.client.sign_up("after@example.com").await?;
    let users = "SELECT count(*) AS x FROM users";
    assert_eq!(other.text(users).await?, "1");
    assert_eq!(place.text(users).await?, "2");
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_place_says_how_requests_are_treated() -> Result<()> {
    let place = Place::primary(Engine::Postgres).await?;
    let stage = Stage::on(&place).await?;
    let treat = |mode: &str| {
        let said = json!({"DATABASE_URL": place.url, "DATABASE_MODE": mode});
        stage.manager.put("app/database", &said);
    };
    let (client, id) = stage.client.sign_up("me@example.com").await?;
    let path = format!("/api/users/{id}");
    let post = json!({"title": "a title", "content": "words"});
    for (mode, read, written) in [
        ("read_only", 200, 503),
        ("maintenance", 503, 503),
        ("normal", 200, 201),
    ] {
        treat(mode);
        stage.comes_to_state("app/database", "current").await?;
        assert_eq!(client.get(&path).await?.status, read, "{mode}");
        assert_eq!(
            client.post("/api/posts", &post).await?.status,
            written,
            "{mode}"
        );
    }
    Ok(())
}
