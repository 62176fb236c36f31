//! An account with the secrets of one environment, and what tests plant and look at there.

use std::sync::Arc;
use std::time::Duration;

use aws_config::retry::RetryConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_secretsmanager::Client;
use aws_sdk_secretsmanager::config::Credentials;
use opsctl_aws::{Aws, AwsSecrets, StatePointer, Vault};
use opsctl_core::environment::AwsSettings;
use opsctl_core::names::{InstanceId, LineageId};
use opsctl_core::ports::{
    Descriptor, Engine, Location, Mode, Pointer, SecretStore, SecretValue, Stage as At, VersionId,
};
use opsctl_core::secret::Secret;
use opsctl_core::secrets::SecretKind;
use opsctl_core::state::StateStore;
use opsctl_simulation::{Grant, MemoryStore};

pub const REGION: &str = "eu-central-1";
/// Where the database of these tests is said to be.
pub const ADDRESS: &str = "first.example:5432";

/// The account and the environment's state.
pub struct Stage {
    pub aws: testkit_aws::Aws,
    pub account: Aws,
    pub pointer: StatePointer,
    pub client: Client,
    pub grant: Grant,
}

pub fn settings() -> AwsSettings {
    let document = serde_json::json!({
        "account": testkit_aws::Aws::ACCOUNT, "region": REGION, "backup_region": "eu-west-1", "name": "test",
        "buckets": {"state": "state", "evidence": "evidence", "backups": "backups"},
    });
    serde_json::from_value(document).unwrap()
}

/// As the account's own user asks; patient, and quick to ask again.
pub async fn config(aws: &testkit_aws::Aws) -> SdkConfig {
    let keys = &aws.account().keys;
    let (id, key) = (&keys.access_key_id, &keys.secret_access_key);
    let retries = RetryConfig::standard()
        .with_max_attempts(8)
        .with_initial_backoff(Duration::from_millis(10));
    aws_config::defaults(BehaviorVersion::latest())
        .region(Region::new(REGION))
        .endpoint_url(aws.url())
        .credentials_provider(Credentials::new(id, key, None, None, "test"))
        .retry_config(retries)
        .load()
        .await
}

pub fn descriptor(address: &str) -> Descriptor {
    Descriptor {
        version: Descriptor::VERSION,
        generation: 1,
        location: Location {
            engine: Engine::Postgres,
            url: format!("postgres://app_login@{address}/app"),
            password_file: None,
            password_secret: Some("test/database".into()),
        },
        instance_id: InstanceId(uuid::Uuid::from_u128(1)),
        lineage_id: LineageId(uuid::Uuid::from_u128(2)),
        mode: Mode::Normal,
        other: serde_json::Map::new(),
    }
}

pub fn id(name: &str) -> VersionId {
    VersionId(format!("{name:-<32}"))
}

pub fn text(value: &str) -> SecretValue {
    SecretValue::Text(Secret::new(value.to_owned()))
}

pub fn login(user: &str) -> SecretValue {
    SecretValue::Login {
        user: user.to_owned(),
        password: Secret::new("00ff".to_owned()),
    }
}

impl Stage {
    pub async fn new() -> Self {
        let aws = testkit_aws::Aws::start().await.unwrap();
        let asked = config(&aws).await;
        let store: Arc<dyn StateStore> = Arc::new(MemoryStore::default());
        let way_in = Arc::new(|descriptor: &Descriptor| Ok(descriptor.location.clone()));
        let stage = Self {
            account: Aws::asked_as(&settings(), asked.clone()),
            client: Client::new(&asked),
            pointer: StatePointer::new(store, way_in),
            grant: Grant::new("of-a-test").await,
            aws,
        };
        let permit = stage.grant.permit();
        let first = descriptor(ADDRESS);
        stage.pointer.replace(&permit, 0, &first).await.unwrap();
        stage
    }

    /// The secrets, as a process of its own sees them.
    pub fn secrets(&self) -> AwsSecrets {
        let vault = Vault::of(self.account.clone());
        AwsSecrets::new(vault, Arc::new(self.pointer.clone()))
    }

    pub async fn put(&self, kind: SecretKind, name: &str) -> opsctl_core::Result<()> {
        let value = match kind {
            SecretKind::Database => login("app_login"),
            _ => text(name),
        };
        let secrets = self.secrets();
        secrets
            .put_pending(&self.grant.permit(), kind, &id(name), &value)
            .await
    }

    pub async fn go(
        &self,
        kind: SecretKind,
        from: Option<&str>,
        to: &str,
    ) -> opsctl_core::Result<()> {
        let from = from.map(id);
        let (secrets, permit) = (self.secrets(), self.grant.permit());
        secrets
            .move_current(&permit, kind, from.as_ref(), &id(to))
            .await
    }

    /// A version that was put, moved and tidied up.
    pub async fn made(&self, kind: SecretKind, from: Option<&str>, name: &str) {
        self.put(kind, name).await.unwrap();
        self.go(kind, from, name).await.unwrap();
        let (secrets, permit, version) = (self.secrets(), self.grant.permit(), id(name));
        let dropped = secrets.drop_stage(&permit, kind, At::Pending, &version);
        dropped.await.unwrap();
    }

    /// The versions that have a stage, by their names.
    pub async fn stages(&self, kind: SecretKind) -> Vec<(String, Vec<At>)> {
        let facts = self.secrets().describe(kind).await.unwrap();
        let versions = facts.unwrap_or_default().versions.into_iter();
        let name = |id: VersionId| id.0.trim_end_matches('-').to_owned();
        let mut all: Vec<_> = versions.map(|it| (name(it.id), it.stages)).collect();
        all.sort();
        all
    }

    /// How many versions AWS keeps of a secret, those without a stage included.
    pub async fn kept(&self, secret: &str) -> usize {
        let asked = self.client.list_secret_version_ids().secret_id(secret);
        let answer = asked.include_deprecated(true).send().await.unwrap();
        answer.versions().len()
    }

    /// The document in a stage.
    pub async fn document(&self, secret: &str, stage: &str) -> serde_json::Value {
        let asked = self.client.get_secret_value().secret_id(secret);
        let answer = asked.version_stage(stage).send().await.unwrap();
        serde_json::from_str(answer.secret_string().unwrap()).unwrap()
    }

    /// As Terraform makes one: without a value.
    pub async fn create(&self, secret: &str) {
        self.client
            .create_secret()
            .name(secret)
            .send()
            .await
            .unwrap();
    }
}
