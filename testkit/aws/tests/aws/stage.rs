//! What the tests stand on: a stand-in, clients of it, and a way to wait for a state.

use std::{
    process::Command,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};
use aws_sdk_rds::{
    config::{BehaviorVersion, Credentials, Region, retry::RetryConfig},
    error::{ProvideErrorMetadata, SdkError},
    types::DbInstance,
};
use testkit_aws::{Aws, Keys};

pub const REGION: &str = "eu-central-1";
pub const ABROAD: &str = "eu-west-1";
/// What every instance here is created with.
pub const PASSWORD: &str = "first-password";

/// How long anything may take on a machine that is busy with other things.
pub const LIMIT: Duration = Duration::from_secs(90);

pub fn credentials(keys: &Keys) -> Credentials {
    let token = keys.session_token.clone();
    Credentials::new(
        &keys.access_key_id,
        &keys.secret_access_key,
        token,
        None,
        "test",
    )
}

/// A client of the first account that asks every question once.
pub fn rds(aws: &Aws, region: &'static str) -> aws_sdk_rds::Client {
    rds_of(aws, &aws.account().keys, region)
}

pub fn rds_of(aws: &Aws, keys: &Keys, region: &'static str) -> aws_sdk_rds::Client {
    let config = aws_sdk_rds::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new(region))
        .endpoint_url(aws.url())
        .credentials_provider(credentials(keys))
        .retry_config(RetryConfig::disabled());
    aws_sdk_rds::Client::from_conf(config.build())
}

pub fn sts_of(aws: &Aws, keys: &Keys) -> aws_sdk_sts::Client {
    let config = aws_sdk_sts::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new(REGION))
        .endpoint_url(aws.url())
        .credentials_provider(credentials(keys))
        .retry_config(RetryConfig::disabled());
    aws_sdk_sts::Client::from_conf(config.build())
}

/// The code of a refusal as it came over the wire.
pub fn code<T: std::fmt::Debug, E: ProvideErrorMetadata + std::fmt::Debug>(
    answer: Result<T, SdkError<E>>,
) -> String {
    match answer {
        Ok(answer) => format!("no refusal: {answer:?}"),
        Err(error) => match error.code() {
            Some(code) => code.to_owned(),
            None => format!("no code: {error:?}"),
        },
    }
}

/// Creates an instance with a database `app`.
pub async fn create(rds: &aws_sdk_rds::Client, name: &str, retention: i32) -> Result<()> {
    rds.create_db_instance()
        .db_instance_identifier(name)
        .db_instance_class("db.t4g.micro")
        .engine("postgres")
        .allocated_storage(20)
        .master_username("postgres")
        .master_user_password(PASSWORD)
        .db_name("app")
        .backup_retention_period(retention)
        .send()
        .await?;
    Ok(())
}

/// Creates an instance and waits until it is there.
pub async fn created(rds: &aws_sdk_rds::Client, name: &str, retention: i32) -> Result<Database> {
    create(rds, name, retention).await?;
    Database::of(&available(rds, name).await?, PASSWORD)
}

pub async fn described(rds: &aws_sdk_rds::Client, name: &str) -> Result<DbInstance> {
    let answer = rds.describe_db_instances().db_instance_identifier(name);
    let answer = answer.send().await?;
    let instance = answer.db_instances().first();
    instance.cloned().context("no instance in the answer")
}

pub async fn available(rds: &aws_sdk_rds::Client, name: &str) -> Result<DbInstance> {
    reaches(rds, name, "available").await
}

/// Lets a change come to its end, past the moment before it shows. With a clock that jumps, no state is missed by asking too late.
pub async fn applied(aws: &Aws, rds: &aws_sdk_rds::Client, name: &str) -> Result<DbInstance> {
    aws.clock().advance(Duration::from_secs(60));
    available(rds, name).await
}

/// Asks until the instance is in that state.
pub async fn reaches(rds: &aws_sdk_rds::Client, name: &str, status: &str) -> Result<DbInstance> {
    let began = Instant::now();
    loop {
        let instance = described(rds, name).await?;
        let now = instance.db_instance_status().unwrap_or_default();
        if now == status {
            return Ok(instance);
        }
        if now == "failed" || began.elapsed() > LIMIT {
            bail!("{name} is {now}, not {status}");
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// Asks until the snapshot is available.
pub async fn snapshot_available(rds: &aws_sdk_rds::Client, name: &str) -> Result<()> {
    let began = Instant::now();
    loop {
        let answer = rds.describe_db_snapshots().db_snapshot_identifier(name);
        let answer = answer.send().await?;
        let snapshot = answer.db_snapshots().first().context("no snapshot")?;
        match snapshot.status() {
            Some("available") => return Ok(()),
            status if began.elapsed() > LIMIT => bail!("{name} is {status:?}"),
            _ => tokio::time::sleep(Duration::from_millis(10)).await,
        }
    }
}

/// The database `app` of an instance, as its master user sees it.
#[derive(Debug, Clone)]
pub struct Database {
    url: String,
}

impl Database {
    pub fn of(instance: &DbInstance, password: &str) -> Result<Self> {
        let endpoint = instance.endpoint().context("no endpoint")?;
        let address = endpoint.address().context("no address")?;
        let port = endpoint.port().context("no port")?;
        Ok(Self {
            url: format!("postgres://postgres:{password}@{address}:{port}/app"),
        })
    }

    /// What `psql` prints.
    pub fn execute(&self, sql: &str) -> Result<String> {
        let output = Command::new(testkit::postgres::find()?.program("psql"))
            .args([
                "-X",
                "-q",
                "-A",
                "-t",
                "-v",
                "ON_ERROR_STOP=1",
                "-c",
                sql,
                &self.url,
            ])
            .output()?;
        let errors = String::from_utf8_lossy(&output.stderr);
        anyhow::ensure!(output.status.success(), "{sql}: {}", errors.trim());
        Ok(String::from_utf8(output.stdout)?.trim_end().to_owned())
    }

    /// Tries until it goes through.
    pub fn execute_at_last(&self, sql: &str) -> Result<String> {
        let began = Instant::now();
        loop {
            match self.execute(sql) {
                Err(_) if began.elapsed() < LIMIT => std::thread::sleep(Duration::from_millis(10)),
                done => return done,
            }
        }
    }
}

/// Asks until there is no such instance.
pub async fn gone(rds: &aws_sdk_rds::Client, name: &str) -> Result<()> {
    let began = Instant::now();
    loop {
        let answer = rds.describe_db_instances().db_instance_identifier(name);
        match answer.send().await {
            Err(error) if error.code() == Some("DBInstanceNotFound") => return Ok(()),
            Err(error) => return Err(error.into()),
            Ok(_) if began.elapsed() > LIMIT => bail!("{name} is still there"),
            Ok(_) => tokio::time::sleep(Duration::from_millis(10)).await,
        }
    }
}
