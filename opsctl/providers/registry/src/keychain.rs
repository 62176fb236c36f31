//! Asks a program that knows passwords: `docker-credential-<name> get`.

use std::process::Stdio;
use std::time::Duration;

use opsctl_core::secret::Secret;
use tokio::io::AsyncWriteExt;
use tokio::process::Command;

use crate::Credentials;

/// A helper that asks a cloud needs a moment; one that asks a person never ends.
const WITHIN: Duration = Duration::from_secs(30);

#[derive(serde::Deserialize)]
struct Told {
    #[serde(rename = "Username")]
    user: String,
    #[serde(rename = "Secret")]
    secret: String,
}

/// What the helper knows of a registry; `None` when nothing.
///
/// # Errors
/// In words, when it can't be asked.
pub async fn ask(helper: &str, registry: &str) -> Result<Option<Credentials>, String> {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    if !helper.chars().all(plain) {
        return Err("docker's config.json names a credential helper oddly".into());
    }
    let program = format!("docker-credential-{helper}");
    let asked = tokio::time::timeout(WITHIN, run(&program, registry)).await;
    let output = asked
        .map_err(|_| format!("{program} did not answer within {} s", WITHIN.as_secs()))?
        .map_err(|error| format!("{program} can't be run: {error}"))?;
    if !output.status.success() {
        // "credentials not found" is how they say that there are none.
        return Ok(None);
    }
    // What it says is a secret: no parser may repeat it.
    let told: Told = serde_json::from_slice(&output.stdout)
        .map_err(|_| format!("{program} answered something that is no answer"))?;
    Ok(Some(Credentials {
        user: told.user,
        password: Secret::new(told.secret),
    }))
}

async fn run(program: &str, registry: &str) -> std::io::Result<std::process::Output> {
    let mut child = Command::new(program)
        .arg("get")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()?;
    let server = match registry {
        "docker.io" => "https://index.docker.io/v1/",
        other => other,
    };
    if let Some(mut input) = child.stdin.take() {
        input.write_all(server.as_bytes()).await?;
    }
    child.wait_with_output().await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_helper_that_is_missing_or_oddly_named_is_told_of() {
        let missing = ask("of-nobody", "example.com").await.unwrap_err();
        assert!(missing.contains("docker-credential-of-nobody"), "{missing}");
        assert!(ask("../../bin/sh", "example.com").await.is_err());
    }
}
