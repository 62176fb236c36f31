//! Who asked the API server how often: its own log of the administrator's requests, which is whom clients of this machine are.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use serde_json::Value;

/// One line a request, written when it is over; a watch is one, however long.
const POLICY: &str = "apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived, ResponseStarted]
rules:
- {level: Metadata, users: [administrator]}
- {level: None}
";
const LOG: &str = "audit.log";

/// What the API server is told.
pub fn flags(folder: &Path) -> Result<[String; 2]> {
    let policy = folder.join("audit.yaml");
    fs::write(&policy, POLICY)?;
    Ok([
        format!("--audit-policy-file={}", policy.display()),
        format!("--audit-log-path={}", folder.join(LOG).display()),
    ])
}

/// What a client whose name begins so has asked for so far: a verb and a path each.
pub fn asked_by(folder: &Path, client: &str) -> Result<Vec<String>> {
    let text = fs::read_to_string(folder.join(LOG)).context("the API server's log of requests")?;
    let requests = text
        .lines()
        .filter_map(|line| serde_json::from_str(line).ok());
    let its = requests.filter(|it: &Value| {
        let agent = it["userAgent"].as_str();
        agent.is_some_and(|agent| agent.starts_with(client))
    });
    let told = its.map(|it| {
        let word = |name: &str| it[name].as_str().unwrap_or_default().to_owned();
        format!("{} {}", word("verb"), word("requestURI"))
    });
    Ok(told.collect())
}
