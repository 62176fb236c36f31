//! The runbook's commands, run as they stand there.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use app::config::Role;
use testkit::documents::commands;

use super::token_keys::{key, log_in, may_read};
use crate::support::{Client, Engine, JWT_SECRET, Place, Service, eventually};

const SECOND: &str = "the second secret of the tests, long enough too";

fn run(folder: &Path, command: &str) -> Result<()> {
    let mut shell = Command::new("/bin/sh");
    let status = shell.args(["-c", command]).current_dir(folder).status()?;
    ensure!(status.success(), "{command}");
    Ok(())
}

fn write(folder: &Path, name: &str, text: &str) -> Result<()> {
    let path = folder.join(name);
    std::fs::write(&path, text)?;
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640))?;
    Ok(())
}

/// Waits until log-ins are signed with another key.
async fn signs_anew(service: &Service, before: &Client) -> Result<Client> {
    eventually("log-ins are signed with another key", || async {
        let client = log_in(service).await.ok()?;
        (key(&client) != key(before)).then_some(client)
    })
    .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_key_of_tokens_changes_as_the_runbook_says() -> Result<()> {
    let place = Place::primary(Engine::Sqlite).await?;
    let folder = tempfile::tempdir()?;
    let folder = folder.path();
    write(folder, "JWT_SECRET", &format!("{JWT_SECRET}\n"))?;
    write(folder, "DATABASE_URL", &place.url)?;
    write(folder, "new.key", SECOND)?;
    let path = folder.display().to_string();
    let pairs = [
        ("JWT_SECRET", ""),
        ("SECRETS_DIR", path.as_str()),
        ("SECRETS_INTERVAL", "1"),
    ];
    let service = Service::start(Role::All, &pairs).await??;
    let (old, _) = service.client.sign_up("me@example.com").await?;

    let runbook = Path::new(env!("CARGO_MANIFEST_DIR")).join("../runbooks/secrets.md");
    let text = std::fs::read_to_string(runbook)?;
    let (_, keys) = text.split_once("## The key of tokens").context("no part")?;
    let (keys, database) = keys.split_once("## The password").context("no part")?;
    for command in commands(keys, "install")
        .iter()
        .chain(&commands(keys, "mv"))
    {
        run(folder, command)?;
        assert!(may_read(&old).await?, "{command}");
    }
    let new = signs_anew(&service, &old).await?;
    assert!(may_read(&old).await?);
    for command in commands(keys, "rm") {
        run(folder, &command)?;
    }
    eventually("the old key is gone", || async {
        (!may_read(&old).await.ok()?).then_some(())
    })
    .await?;

    write(folder, "new.url", &place.url)?;
    for command in commands(database, "install") {
        run(folder, &command)?;
    }
    assert!(may_read(&new).await?);
    service.stop().await;
    Ok(())
}
