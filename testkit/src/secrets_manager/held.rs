//! The secrets, their versions and the stages of these, moved as AWS moves them.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use uuid::Uuid;

/// Code and message of a refusal.
pub type Refusal = (&'static str, String);

#[derive(Debug, Default)]
pub struct Held {
    secrets: BTreeMap<String, Secret>,
}

#[derive(Debug, Default)]
struct Secret {
    versions: BTreeMap<String, String>,
    /// The version of each stage.
    stages: BTreeMap<String, String>,
}

impl Held {
    /// A new version in this stage. A new current one makes the one before previous.
    pub fn put(&mut self, name: &str, stage: &str, value: &str) {
        let secret = self.secrets.entry(name.to_owned()).or_default();
        let version = Uuid::new_v4().to_string();
        secret.versions.insert(version.clone(), value.to_owned());
        secret.stage(stage, version);
    }

    /// Makes the pending version the current one.
    pub fn promote(&mut self, name: &str) {
        let secret = self.secrets.entry(name.to_owned()).or_default();
        if let Some(version) = secret.stages.remove("AWSPENDING") {
            secret.stage("AWSCURRENT", version);
        }
    }

    pub fn version(&self, name: &str, stage: &str) -> Option<String> {
        self.secrets.get(name)?.stages.get(stage).cloned()
    }

    pub fn answer(&self, action: &str, request: &Value) -> Result<Value, Refusal> {
        let text = |field: &str| request[field].as_str();
        let invalid = || {
            (
                "InvalidParameterException",
                "SecretId is missing".to_owned(),
            )
        };
        let name = text("SecretId").ok_or_else(invalid)?;
        let missing = |what: String| ("ResourceNotFoundException", what);
        let secret = self.secrets.get(name);
        let secret = secret.ok_or_else(|| missing(format!("no secret {name}")))?;
        match action {
            "DescribeSecret" => Ok(json!({"Name": name, "VersionIdsToStages": secret.described()})),
            "GetSecretValue" => {
                let stage = text("VersionStage").unwrap_or("AWSCURRENT");
                let staged = secret.stages.get(stage).map(String::as_str);
                let version = text("VersionId").or(staged);
                let version = version.ok_or_else(|| missing(format!("no version in {stage}")))?;
                let value = secret.versions.get(version);
                let value = value.ok_or_else(|| missing(format!("no version {version}")))?;
                Ok(json!({"Name": name, "VersionId": version, "SecretString": value}))
            }
            other => Err(("UnknownOperationException", other.to_owned())),
        }
    }
}

impl Secret {
    fn stage(&mut self, stage: &str, version: String) {
        let before = self.stages.insert(stage.to_owned(), version);
        if stage == "AWSCURRENT"
            && let Some(before) = before
        {
            self.stages.insert("AWSPREVIOUS".to_owned(), before);
        }
    }

    fn described(&self) -> BTreeMap<&str, Vec<&str>> {
        let mut versions: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for (stage, version) in &self.stages {
            versions.entry(version).or_default().push(stage);
        }
        versions
    }
}
