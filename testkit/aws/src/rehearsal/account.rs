//! The account, as Terraform would leave it: buckets, keys, secrets, the database with its replica, the cache, registries, names.

use std::{
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use testkit::{S3, s3::Owner};

use super::database;
use crate::{Account, Aws, Console, Service, Told, buckets};

/// Where the environment runs, and where it is brought back: as opsctl.yaml says.
pub const HOME: &str = "eu-central-1";
pub const BACKUP: &str = "eu-west-1";
/// What everything is called, or begins with.
pub const NAME: &str = "rehearsal";
/// The account that images are promoted from.
const STAGING: &str = "222222222222";

/// Where everything listens on this machine's loopback; 0 is any port.
#[derive(Debug, Clone, Copy, Default)]
pub struct Ports {
    /// The services of AWS.
    pub aws: u16,
    /// S3.
    pub s3: u16,
    /// The registry of the account.
    pub registry: u16,
    /// That of the account from which images are promoted.
    pub staging: u16,
    /// That of the account in the backup region, where images are replicated to.
    pub abroad: u16,
}

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
pub struct Furnished {
    /// Its services.
    pub aws: Arc<Aws>,
    /// Its S3.
    pub s3: S3,
    /// Where images are promoted from.
    pub staging: Account,
    /// Where its registry listens.
    pub registry: SocketAddr,
    /// Where its registry in the backup region does.
    pub abroad: SocketAddr,
}

impl Furnished {
    /// Starts everything and waits until it is there; databases and caches lie at that address of this machine, if one is given.
    ///
    /// # Errors
    /// When a port is taken, or a server does not start.
    pub async fn start(ports: Ports, machine: Option<IpAddr>) -> Result<Self> {
        let aws = Aws::start_at(ports.aws)
            .await
            .context("does another rehearsal run?")?;
        if let Some(machine) = machine {
            aws.lie_at(machine);
        }
        let account = Self {
            s3: S3::start_for(owner(&aws, ports.s3))?,
            staging: aws.open_account(STAGING),
            registry: aws.ecr().open(Aws::ACCOUNT, HOME, ports.registry)?,
            abroad: aws.ecr().open(Aws::ACCOUNT, BACKUP, ports.abroad)?,
            aws: Arc::new(aws),
        };
        let evidence = format!("{NAME}-evidence");
        let (s3, keys) = (account.s3.url(), &account.aws.account().keys);
        buckets::create_locked(&s3, keys, &evidence).await?;
        buckets::encrypt(&s3, keys, &format!("{NAME}-backups")).await?;
        tokio::task::block_in_place(|| account.fill(ports))?;
        Ok(account)
    }

    fn fill(&self, ports: Ports) -> Result<()> {
        let (home, backup) = (self.console(HOME), self.console(BACKUP));
        for region in [HOME, BACKUP] {
            self.aws.rds().add_subnet_group(Aws::ACCOUNT, region, NAME);
        }
        let parameters = json!({
            "DBParameterGroupName": NAME,
            "DBParameterGroupFamily": "postgres15",
            "Description": "Of what is restored in the backup region",
        });
        backup.ask(Service::Rds, "CreateDBParameterGroup", parameters)?;
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
        self.make_registries(ports.staging)?;
        let _zone = self
            .aws
            .route53()
            .add_zone(Aws::ACCOUNT, "rehearsal.internal");
        Ok(())
    }

    fn make_registries(&self, port: u16) -> Result<()> {
        self.aws.ecr().open(STAGING, HOME, port)?;
        let own = self.aws.account();
        for (owner, region) in [(own, HOME), (own, BACKUP), (&self.staging, HOME)] {
            let latest = json!([{"filterType": "WILDCARD", "filter": "latest"}]);
            let repository = json!({
                "repositoryName": "app",
                "imageTagMutability": "IMMUTABLE_WITH_EXCLUSION",
                "imageTagMutabilityExclusionFilters": latest,
            });
            let console = self.aws.console(owner, region);
            console.ask(Service::Ecr, "CreateRepository", repository)?;
        }
        let there = json!([{"region": BACKUP, "registryId": Aws::ACCOUNT}]);
        let rules = json!({"replicationConfiguration": {"rules": [{"destinations": there}]}});
        self.console(HOME)
            .ask(Service::Ecr, "PutReplicationConfiguration", rules)?;
        Ok(())
    }

    pub(super) fn console<'a>(&'a self, region: &'a str) -> Console<'a> {
        self.aws.console(self.aws.account(), region)
    }
}

/// S3 knows the account's own keys.
fn owner(aws: &Aws, port: u16) -> Owner {
    let keys = &aws.account().keys;
    Owner {
        access_key: keys.access_key_id.clone(),
        secret_key: keys.secret_access_key.clone(),
        port,
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
pub(super) fn until(wanted: &str, field: &str, ask: impl Fn() -> Result<Told>) -> Result<()> {
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
