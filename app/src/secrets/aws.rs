//! AWS Secrets Manager. A secret there is one JSON object, named as the variables; its stages are the steps of a rotation:
//! AWSPENDING is the next value, AWSCURRENT the one in use, AWSPREVIOUS the one before. Each look costs one call a secret: a value
//! is read once for each version. What was read is known by its versions. Never writes.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::time::Duration;

use aws_config::BehaviorVersion;
use aws_config::timeout::TimeoutConfig;
use aws_sdk_secretsmanager::Client;
use aws_sdk_secretsmanager::error::{ProvideErrorMetadata, SdkError};
use tokio::sync::{Mutex, OnceCell};

use super::held::BESIDE;
use super::{Secrets, SecretsError, SecretsStore, Version, file};
use crate::config::{Secret, registry};

const ATTEMPT: Duration = Duration::from_secs(3);
const OPERATION: Duration = Duration::from_secs(10);

const CURRENT: &str = "AWSCURRENT";
const PENDING: &str = "AWSPENDING";

/// A stage, what a value in it is called here, and what the stage is called where it is told.
const STAGES: [(&str, &str, &str); 3] = [
    ("AWSPREVIOUS", "_PREVIOUS", "previous"),
    (PENDING, "_NEXT", "pending"),
    (CURRENT, "", "current"),
];

/// The versions of a secret by their stages.
struct Staged {
    /// As AWS calls it, whoever it was asked for by.
    name: String,
    versions: BTreeMap<String, String>,
}

/// Reads some secrets, with the process's own role.
#[derive(Debug)]
pub(super) struct SecretsManager {
    ids: Vec<String>,
    client: OnceCell<Client>,
    /// Values by id and version.
    known: Mutex<HashMap<(String, String), Secrets>>,
}

impl SecretsManager {
    pub fn of(ids: Vec<String>) -> Self {
        Self {
            ids,
            client: OnceCell::new(),
            known: Mutex::default(),
        }
    }

    async fn client(&self) -> &Client {
        let load = || async {
            let timeouts = TimeoutConfig::builder()
                .operation_attempt_timeout(ATTEMPT)
                .operation_timeout(OPERATION)
                .build();
            let config = aws_config::defaults(BehaviorVersion::latest())
                .timeout_config(timeouts)
                .load()
                .await;
            Client::new(&config)
        };
        self.client.get_or_init(load).await
    }

    async fn stages(&self, id: &str) -> Result<Staged, SecretsError> {
        let described = self.client().await.describe_secret().secret_id(id).send();
        let described = described.await.map_err(|error| refuse(id, &error))?;
        let versions = described.version_ids_to_stages.unwrap_or_default();
        let by_stage = versions.into_iter().flat_map(|(version, stages)| {
            stages
                .into_iter()
                .map(move |stage| (stage, version.clone()))
        });
        let mut versions: BTreeMap<String, String> = by_stage.collect();
        // A version that was moved keeps the mark until somebody tidies up: it is no next one any more.
        if versions.get(PENDING) == versions.get(CURRENT) {
            versions.remove(PENDING);
        }
        Ok(Staged {
            name: described.name.unwrap_or_else(|| id.to_owned()),
            versions,
        })
    }

    async fn version(&self, id: &str, version: &str) -> Result<Secrets, SecretsError> {
        let key = (id.to_owned(), version.to_owned());
        if let Some(known) = self.known.lock().await.get(&key) {
            return Ok(known.clone());
        }
        let client = self.client().await;
        let value = client.get_secret_value().secret_id(id).version_id(version);
        let value = value.send().await.map_err(|error| refuse(id, &error))?;
        let problem = |problem: String| SecretsError::Manager {
            id: id.to_owned(),
            problem,
        };
        let text = value.secret_string.unwrap_or_default();
        let secrets = file::parse(&text).map_err(problem)?;
        self.known.lock().await.insert(key, secrets.clone());
        Ok(secrets)
    }

    async fn forget_all_but(&self, id: &str, versions: &BTreeMap<String, String>) {
        let staged = |version: &String| versions.values().any(|held| held == version);
        let mut known = self.known.lock().await;
        known.retain(|(of, version), _| of != id || staged(version));
    }
}

#[async_trait::async_trait]
impl SecretsStore for SecretsManager {
    async fn read(&self) -> Result<Secrets, SecretsError> {
        let (mut all, mut versions) = (Vec::new(), BTreeSet::new());
        for id in &self.ids {
            let staged = self.stages(id).await?;
            for (stage, ending, told) in STAGES {
                let Some(version) = staged.versions.get(stage) else {
                    continue;
                };
                let held = self.version(id, version).await;
                // A rotation that is being prepared may have no value yet, or half of one.
                let held = match (held, stage) {
                    (Err(_), PENDING) => continue,
                    (held, _) => held?,
                };
                all.extend(named(&held, ending));
                versions.insert(Version {
                    secret: staged.name.clone(),
                    stage: told,
                    id: version.clone(),
                });
            }
            self.forget_all_but(id, &staged.versions).await;
        }
        let secrets: Secrets = all.into_iter().collect();
        Ok(secrets.of_versions(versions))
    }
}

/// The secrets that this service knows, under the names of their step.
fn named(held: &Secrets, ending: &str) -> Vec<(String, Secret)> {
    let names = registry::VARIABLES.iter().map(|variable| variable.name);
    names
        .filter(|name| registry::is_secret(name))
        .chain(BESIDE)
        .filter_map(|name| Some((format!("{name}{ending}"), held.current(name)?.clone())))
        .collect()
}

fn refuse<E, R>(id: &str, error: &SdkError<E, R>) -> SecretsError
where
    SdkError<E, R>: ProvideErrorMetadata,
{
    let problem = match (error.code(), error.message()) {
        (Some(code), Some(message)) => format!("{code}: {message}"),
        (Some(code), None) => code.to_owned(),
        (None, _) => match error {
            SdkError::TimeoutError(_) => "no answer in time".into(),
            SdkError::DispatchFailure(_) => {
                "AWS cannot be reached, or there is no role to ask as".into()
            }
            _ => "the answer cannot be understood".into(),
        },
    };
    SecretsError::Manager {
        id: id.to_owned(),
        problem,
    }
}
