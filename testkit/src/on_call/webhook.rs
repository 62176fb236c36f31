//! What Alertmanager hands over: version 4 of its webhook.

use std::collections::BTreeMap;

use anyhow::{Context, Result, ensure};
use serde::Deserialize;

use super::Severity;

const VERSION: &str = "4";

/// Whether it still burns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    Firing,
    Resolved,
}

/// One alert of a notification.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Alert {
    pub status: Status,
    pub labels: BTreeMap<String, String>,
    #[serde(default)]
    pub annotations: BTreeMap<String, String>,
    /// The same for the same labels.
    pub fingerprint: String,
}

#[derive(Deserialize)]
struct Notification {
    version: String,
    alerts: Vec<Alert>,
}

impl Alert {
    /// The alerts of a notification.
    ///
    /// # Errors
    /// When it is none that Alertmanager writes.
    pub fn all_of(body: &[u8]) -> Result<Vec<Self>> {
        let notification: Notification =
            serde_json::from_slice(body).context("this is no notification of Alertmanager")?;
        let version = notification.version;
        ensure!(version == VERSION, "version {version} is not read");
        Ok(notification.alerts)
    }

    /// The alert's name.
    #[must_use]
    pub fn name(&self) -> &str {
        self.labels.get("alertname").map_or("", String::as_str)
    }

    /// How bad it is. Nobody said so, or said it in other words: somebody is called.
    #[must_use]
    pub fn severity(&self) -> Severity {
        let said = self.labels.get("severity");
        let known = |one: &Severity| said.is_some_and(|said| *said == one.to_string());
        Severity::ALL
            .into_iter()
            .find(known)
            .unwrap_or(Severity::P1)
    }

    /// The sentence that people read.
    #[must_use]
    pub fn summary(&self) -> &str {
        self.annotations.get("summary").map_or("", String::as_str)
    }
}
