//! The runbook's commands, run as they stand there.

use std::path::Path;
use std::process::Command;

use anyhow::Result;
use testkit::Redis;
use testkit::documents::commands;

use super::shared::{a_copy_is_used, a_post, listened_to, sharing, title};
use crate::support::{Engine, Place};

#[tokio::test]
async fn redis_is_looked_at_and_emptied_as_the_runbook_says_and_nothing_is_lost() -> Result<()> {
    let (place, redis) = (Place::primary(Engine::Sqlite).await?, Redis::start()?);
    let service = sharing(&place, &redis.url()).await?;
    listened_to(&redis, 1).await?;
    let (client, _) = service.client.sign_up("me@example.com").await?;
    let path = a_post(&client).await?;
    a_copy_is_used(&place, &client, &path).await?;
    let before = title(&client, &path).await?;
    let runbook = Path::new(env!("CARGO_MANIFEST_DIR")).join("../runbooks/cache.md");
    let commands = commands(&std::fs::read_to_string(runbook)?, "redis-cli");
    assert_eq!(commands.len(), 5);
    for command in &commands {
        let output = Command::new("/bin/sh")
            .args(["-c", command])
            .env("REDIS_URL", redis.url())
            .output()?;
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(
            output.status.success() && !said.contains("ERR"),
            "{command}: {said}"
        );
        let expected = match command.split_whitespace().nth(3) {
            Some("PING") => "PONG",
            Some("ROLE") => "master",
            Some("PUBSUB") => "app:changes",
            Some("FLUSHDB") => "OK",
            _ => "evicted_keys",
        };
        assert!(said.contains(expected), "{command}: {said}");
        assert_eq!(title(&client, &path).await?, before, "{command}");
    }
    Ok(())
}
