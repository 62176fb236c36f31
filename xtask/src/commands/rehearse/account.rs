//! The account, as Terraform would leave it: buckets, keys, secrets, the database with its replica, the cache, registries, names.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use testkit::{S3, lab::Cable, s3::Owner};
use testkit_aws::{Account as Identity, Aws, Console, Service, Told, buckets};

use super::database;
use crate::terminal::say;

/// Where the environment runs, and where it is brought back: as opsctl.yaml says.
pub const HOME: &str = "eu-central-1";
pub const BACKUP: &str = "eu-west-1";
/// What everything is called, or begins with.
pub const NAME: &str = "rehearsal";
/// The account that images are promoted from.
const STAGING: &str = "222222222222";

/// Fixed, so that another shell finds everything again.
pub const AWS_PORT: u16 = 54340;
pub const S3_PORT: u16 = 54341;
pub const REGISTRY_PORT: u16 = 54342;
const STAGING_PORT: u16 = 54343;

/// How long a part may take on a machine that is busy with other things.
const LIMIT: Duration = Duration::from_secs(120);

/// The secrets of the environment, by the names that opsctl asks for: after how many days each must be another.
const SECRETS: [(&str, u32); 7] = [
    ("api-key", 30),
    ("database", 90),
    ("jwt", 90),
    ("database-master", 90),
    ("redis", 90),
    ("signing", 90),
    ("smtp", 90),
];

/// The account while it is there.
pub struct Account {
    pub aws: Arc<Aws>,
    pub s3: S3,
    /// Where images are promoted from.
    pub staging: Identity,
}

impl Account {
    /// Starts everything and waits until it is there.
    ///
    /// Where pods come over a cable, databases and caches lie at its end.
    pub async fn furnish(cable: Option<&Cable>) -> Result<Self> {
        let began = Instant::now();
        let aws = Aws::start_at(AWS_PORT)
            .await
            .context("does another rehearsal run?")?;
        if let Some(cable) = cable {
            aws.lie_at(cable.machine().into());
        }
        let account = Self {
            s3: S3::start_for(owner(&aws))?,
            staging: aws.open_account(STAGING),
            aws: Arc::new(aws),
        };
        let evidence = format!("{NAME}-evidence");
        buckets::create_locked(&account.s3.url(), &account.aws.account().keys, &evidence).await?;
        tokio::task::block_in_place(|| account.fill())?;
        say(&format!(
            "furnished in {:.1} s",
            began.elapsed().as_secs_f64()
        ));
        Ok(account)
    }

    fn fill(&self) -> Result<()> {
        let (home, backup) = (self.console(HOME), self.console(BACKUP));
        for region in [HOME, BACKUP] {
            self.aws.rds().add_subnet_group(Aws::ACCOUNT, region, NAME);
        }
        let key = backup.ask(Service::Kms, "CreateKey", json!({}))?;
        let key = key.text("KeyId").context("a key without an id")?;
        let alias = json!({"AliasName": format!("alias/{NAME}"), "TargetKeyId": key});
        backup.ask(Service::Kms, "CreateAlias", alias)?;
        let password = database::password();
        let cache = make_cache(home)?;
        for (secret, days) in SECRETS {
            let value = match secret {
                "database-master" => Some(database::master(&password)),
                "redis" => Some(json!({"REDIS_URL": cache}).to_string()),
                _ => None,
            };
            make_secret(home, secret, days, value)?;
        }
        database::make(home, &password)?;
        self.make_registries()?;
        let _zone = self
            .aws
            .route53()
            .add_zone(Aws::ACCOUNT, "rehearsal.internal");
        Ok(())
    }

    fn make_registries(&self) -> Result<()> {
        let ecr = self.aws.ecr();
        ecr.open(Aws::ACCOUNT, HOME, REGISTRY_PORT)?;
        ecr.open(STAGING, HOME, STAGING_PORT)?;
        for owner in [self.aws.account(), &self.staging] {
            let latest = json!([{"filterType": "WILDCARD", "filter": "latest"}]);
            let repository = json!({
                "repositoryName": "app",
                "imageTagMutability": "IMMUTABLE_WITH_EXCLUSION",
                "imageTagMutabilityExclusionFilters": latest,
            });
            let console = self.aws.console(owner, HOME);
            console.ask(Service::Ecr, "CreateRepository", repository)?;
        }
        Ok(())
    }

    pub fn console<'a>(&'a self, region: &'a str) -> Console<'a> {
        self.aws.console(self.aws.account(), region)
    }
}

/// S3 knows the account's own keys.
fn owner(aws: &Aws) -> Owner {
    let keys = &aws.account().keys;
    Owner {
        access_key: keys.access_key_id.clone(),
        secret_key: keys.secret_access_key.clone(),
        port: S3_PORT,
        buckets: ["state", "backups"]
            .map(|bucket| format!("{NAME}-{bucket}"))
            .into(),
    }
}

fn make_secret(home: Console<'_>, name: &str, days: u32, value: Option<String>) -> Result<()> {
    let name = format!("{NAME}/{name}");
    let mut secret = json!({
        "Name": name,
        "ClientRequestToken": database::token(),
        "Tags": [
            {"Key": "opsctl:rotation-days", "Value": days.to_string()},
            {"Key": "opsctl:rotation-owner", "Value": "opsctl"},
        ],
    });
    if let Some(value) = value {
        secret["SecretString"] = Value::String(value);
    }
    home.ask(Service::SecretsManager, "CreateSecret", secret)?;
    let there = json!({"SecretId": name, "AddReplicaRegions": [{"Region": BACKUP}]});
    home.ask(Service::SecretsManager, "ReplicateSecretToRegions", there)?;
    Ok(())
}

/// Where clients reach it.
fn make_cache(home: Console<'_>) -> Result<String> {
    let group = json!({
        "ReplicationGroupId": NAME,
        "ReplicationGroupDescription": "Of the rehearsal",
        "CacheNodeType": "cache.t4g.micro",
        "NumCacheClusters": 2,
        "AutomaticFailoverEnabled": true,
        "MultiAZEnabled": true,
    });
    home.ask(Service::ElastiCache, "CreateReplicationGroup", group)?;
    let named = json!({"ReplicationGroupId": NAME});
    let described = || {
        let action = "DescribeReplicationGroups";
        home.ask(Service::ElastiCache, action, named.clone())
    };
    until("available", "Status", described)?;
    let told = described()?;
    let primary = told.inside("PrimaryEndpoint");
    let [host, port] = ["Address", "Port"].map(|name| primary.text(name).unwrap_or_default());
    Ok(format!("redis://{host}:{port}"))
}

/// Asks until it is in that state.
pub fn until(wanted: &str, field: &str, ask: impl Fn() -> Result<Told>) -> Result<()> {
    let began = Instant::now();
    loop {
        let told = ask()?;
        let status = told.text(field).unwrap_or_default();
        if status == wanted {
            return Ok(());
        }
        ensure!(began.elapsed() < LIMIT, "it is {status}, not {wanted}");
        std::thread::sleep(Duration::from_millis(20));
    }
}
