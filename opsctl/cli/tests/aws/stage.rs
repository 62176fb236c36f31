//! An account with an environment in it: an instance of RDS, its secrets, its buckets.

use std::time::{Duration, Instant};

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_rds::config::Credentials;
use aws_sdk_rds::operation::modify_db_instance::builders::ModifyDBInstanceFluentBuilder;
use aws_sdk_rds::types::DbInstance;
use testkit::s3::S3;
use testkit_aws::{Aws, Keys};
use tokio::runtime::Runtime;

use crate::runner::Runner;

pub const REGION: &str = "eu-central-1";
pub const ABROAD: &str = "eu-west-1";
/// The instance that Terraform would have made.
pub const INSTANCE: &str = "orders";
pub const PASSWORD: &str = "the-first-password";
/// How long anything may take on a machine that is busy with other things.
const LIMIT: Duration = Duration::from_secs(120);

/// The account. Its servers end with it.
pub struct Stage {
    pub aws: Aws,
    pub s3: S3,
    runtime: Runtime,
}

impl Stage {
    /// An account with an instance in which nothing is yet.
    pub fn bare() -> Self {
        let runtime = Runtime::new().unwrap();
        let aws = runtime.block_on(Aws::start()).unwrap();
        let keys = &aws.account().keys;
        let s3 = S3::start_as(&keys.access_key_id, &keys.secret_access_key).unwrap();
        aws.rds().add_subnet_group(Aws::ACCOUNT, REGION, "private");
        let stage = Self { aws, s3, runtime };
        stage.runtime.block_on(stage.furnish());
        stage
    }

    /// The same with the platform's schema and rows in it.
    pub fn new() -> (Self, Runner) {
        let stage = Self::bare();
        let runner = Runner::of(&stage);
        runner.run(&["migrate", "up"]).expect(0);
        let rows = ["--users=20", "--posts=50", "--comments=100"];
        runner
            .run(&[&["data", "seed", "--yes"][..], &rows].concat())
            .expect(0);
        (stage, runner)
    }

    async fn furnish(&self) {
        let s3 = aws_sdk_s3::Client::new(&self.config(ABROAD, &self.s3.url()));
        for bucket in ["state", "backups"] {
            s3.create_bucket().bucket(bucket).send().await.unwrap();
        }
        let (url, keys) = (self.s3.url(), &self.aws.account().keys);
        let encrypted = testkit_aws::buckets::encrypt(&url, keys, "backups");
        encrypted.await.unwrap();
        let evidence = s3.create_bucket().bucket("evidence");
        let locked = evidence.object_lock_enabled_for_bucket(true);
        locked.send().await.unwrap();
        self.secret(
            "database-master",
            &format!(r#"{{"username":"master","password":"{PASSWORD}"}}"#),
        )
        .await;
        self.create_instance().await;
    }

    async fn create_instance(&self) {
        let rds = self.rds();
        rds.create_db_parameter_group()
            .db_parameter_group_name("ours")
            .db_parameter_group_family("postgres15")
            .description("ours")
            .send()
            .await
            .unwrap();
        rds.create_db_instance()
            .db_instance_identifier(INSTANCE)
            .db_instance_class("db.t4g.micro")
            .engine("postgres")
            .allocated_storage(20)
            .storage_type("gp2")
            .master_username("master")
            .master_user_password(PASSWORD)
            .db_name("app")
            .backup_retention_period(3)
            .db_subnet_group_name("private")
            .db_parameter_group_name("ours")
            .vpc_security_group_ids("sg-database")
            .deletion_protection(true)
            .copy_tags_to_snapshot(true)
            .send()
            .await
            .unwrap();
        self.reaches(INSTANCE, "available").await;
    }

    /// Sets a secret of the environment.
    pub async fn secret(&self, name: &str, value: &str) {
        let config = self.config(REGION, &self.aws.url());
        let secrets = aws_sdk_secretsmanager::Client::new(&config);
        let full = format!("platform-staging/{name}");
        let made = secrets.create_secret().name(&full).secret_string(value);
        if made.send().await.is_err() {
            let put = secrets.put_secret_value().secret_id(&full);
            put.secret_string(value).send().await.unwrap();
        }
    }

    /// What a stage of a secret of the environment holds; nothing where there is no such version.
    pub fn held(&self, name: &str, stage: &str) -> String {
        let config = self.config(REGION, &self.aws.url());
        let secrets = aws_sdk_secretsmanager::Client::new(&config);
        let full = format!("platform-staging/{name}");
        let asked = secrets
            .get_secret_value()
            .secret_id(full)
            .version_stage(stage);
        let told = self.wait(asked.send()).ok();
        told.and_then(|it| it.secret_string).unwrap_or_default()
    }

    /// A client that asks every question once.
    pub fn rds(&self) -> aws_sdk_rds::Client {
        aws_sdk_rds::Client::new(&self.config(REGION, &self.aws.url()))
    }

    /// The same for buckets.
    pub fn s3_client(&self) -> aws_sdk_s3::Client {
        aws_sdk_s3::Client::new(&self.config(ABROAD, &self.s3.url()))
    }

    /// The same for caches.
    pub fn elasticache(&self) -> aws_sdk_elasticache::Client {
        aws_sdk_elasticache::Client::new(&self.config(REGION, &self.aws.url()))
    }

    /// The way to the database, as its administrator.
    pub fn url_of_the_database(&self) -> String {
        let instance = self.instance(INSTANCE);
        let endpoint = instance.endpoint().unwrap();
        let (host, port) = (endpoint.address().unwrap(), endpoint.port().unwrap());
        format!("postgres://master:{PASSWORD}@{host}:{port}/app")
    }

    pub fn config(&self, region: &'static str, url: &str) -> SdkConfig {
        let Keys {
            access_key_id,
            secret_access_key,
            ..
        } = &self.aws.account().keys;
        let credentials = Credentials::new(access_key_id, secret_access_key, None, None, "test");
        let provider = aws_sdk_rds::config::SharedCredentialsProvider::new(credentials);
        SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new(region))
            .endpoint_url(url)
            .credentials_provider(provider)
            .build()
    }

    /// Runs a question to its end.
    pub fn wait<T>(&self, future: impl Future<Output = T>) -> T {
        self.runtime.block_on(future)
    }

    /// The instances that are there, but for those that are on their way out.
    pub fn instances(&self) -> Vec<DbInstance> {
        self.instances_in(REGION)
    }

    pub fn instances_in(&self, region: &'static str) -> Vec<DbInstance> {
        let rds = aws_sdk_rds::Client::new(&self.config(region, &self.aws.url()));
        let told = self.wait(rds.describe_db_instances().send());
        let all = told.unwrap().db_instances.unwrap_or_default();
        let stays = |it: &DbInstance| it.db_instance_status() != Some("deleting");
        all.into_iter().filter(stays).collect()
    }

    pub fn instance(&self, name: &str) -> DbInstance {
        let all = self.instances();
        let found = |it: &&DbInstance| it.db_instance_identifier() == Some(name);
        all.iter().find(found).unwrap().clone()
    }

    /// The names of the snapshots that somebody asked for.
    pub fn snapshots(&self) -> Vec<String> {
        self.snapshots_in(REGION)
    }

    pub fn snapshots_in(&self, region: &'static str) -> Vec<String> {
        let rds = aws_sdk_rds::Client::new(&self.config(region, &self.aws.url()));
        let asked = rds.describe_db_snapshots().snapshot_type("manual");
        let told = self.wait(asked.send()).unwrap();
        let names = told.db_snapshots().iter();
        names
            .filter_map(|it| it.db_snapshot_identifier().map(ToOwned::to_owned))
            .collect()
    }

    /// The names of all objects in the bucket of the state.
    async fn state(&self) -> Vec<String> {
        let s3 = aws_sdk_s3::Client::new(&self.config(ABROAD, &self.s3.url()));
        let told = s3.list_objects_v2().bucket("state").send().await.unwrap();
        let names = told.contents().iter();
        names
            .filter_map(|it| it.key().map(ToOwned::to_owned))
            .collect()
    }

    pub fn state_is_empty(&self) -> bool {
        self.wait(self.state()).is_empty()
    }

    /// The environment's state as if nobody had ever worked here.
    pub fn forget_state(&self) {
        self.wait(async {
            let s3 = aws_sdk_s3::Client::new(&self.config(ABROAD, &self.s3.url()));
            for name in self.state().await {
                let gone = s3.delete_object().bucket("state").key(name);
                gone.send().await.unwrap();
            }
        });
    }

    /// How often an action was carried out.
    pub fn calls(&self, action: &str) -> usize {
        let calls = self.aws.calls();
        calls.iter().filter(|call| call.action == action).count()
    }

    pub async fn reaches(&self, name: &str, status: &str) {
        let (began, rds) = (Instant::now(), self.rds());
        loop {
            let asked = rds.describe_db_instances().db_instance_identifier(name);
            let told = asked.send().await.unwrap();
            let now = told.db_instances()[0]
                .db_instance_status()
                .unwrap()
                .to_owned();
            if now == status {
                return;
            }
            assert!(began.elapsed() < LIMIT, "{name} is {now}, not {status}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Changes the instance as Terraform would, and waits until it is so.
    pub fn changes(
        &self,
        change: impl FnOnce(ModifyDBInstanceFluentBuilder) -> ModifyDBInstanceFluentBuilder,
        there: impl Fn(&DbInstance) -> bool,
    ) {
        let call = self.rds().modify_db_instance();
        let call = change(
            call.db_instance_identifier(INSTANCE)
                .apply_immediately(true),
        );
        self.wait(call.send()).unwrap();
        let began = Instant::now();
        let done = |it: &DbInstance| it.db_instance_status() == Some("available") && there(it);
        while !done(&self.instance(INSTANCE)) {
            assert!(began.elapsed() < LIMIT, "{INSTANCE} is not changed");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Gives it a standby.
    pub fn stands_in_two_zones(&self) {
        self.changes(|it| it.multi_az(true), |it| it.multi_az() == Some(true));
    }

    /// Lets five minutes pass, after which the log is where points in time are reached from.
    pub fn ships_its_log(&self) {
        let before = self.instance(INSTANCE).latest_restorable_time().copied();
        self.aws.clock().advance(Duration::from_secs(400));
        let began = Instant::now();
        while self.instance(INSTANCE).latest_restorable_time().copied() == before {
            assert!(began.elapsed() < LIMIT, "no log is shipped");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Lets a day pass, after which there is another automated backup.
    pub fn passes_a_day(&self) {
        let automated = || {
            let rds = self.rds();
            let asked = rds.describe_db_snapshots().snapshot_type("automated");
            self.wait(asked.send()).unwrap().db_snapshots().len()
        };
        let (before, began) = (automated(), Instant::now());
        self.aws.clock().advance(Duration::from_secs(24 * 3600));
        while automated() == before {
            assert!(
                began.elapsed() < LIMIT,
                "there is no other automated backup"
            );
            std::thread::sleep(Duration::from_millis(20));
        }
        self.wait(self.reaches(INSTANCE, "available"));
    }

    /// Deletes an instance as somebody would by mistake.
    pub fn delete(&self, name: &str) {
        self.wait(async {
            let rds = self.rds();
            let change = rds.modify_db_instance().db_instance_identifier(name);
            let change = change.deletion_protection(false).apply_immediately(true);
            change.send().await.unwrap();
            let began = Instant::now();
            loop {
                let gone = rds.delete_db_instance().db_instance_identifier(name);
                if gone.skip_final_snapshot(true).send().await.is_ok() {
                    return;
                }
                assert!(began.elapsed() < LIMIT, "{name} is not deleted");
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        });
        while !self.instances().is_empty() {
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// As a rotation does: the instance first, then the secret.
    pub fn change_master_password(&self, password: &str) {
        self.wait(async {
            let rds = self.rds();
            let change = rds.modify_db_instance().db_instance_identifier(INSTANCE);
            let change = change
                .master_user_password(password)
                .apply_immediately(true);
            change.send().await.unwrap();
            let value = format!(r#"{{"username":"master","password":"{password}"}}"#);
            self.secret("database-master", &value).await;
        });
    }

    /// The one instance that has another name.
    pub fn other_than(&self, name: &str) -> String {
        let all = self.instances();
        let names = all.iter().filter_map(DbInstance::db_instance_identifier);
        let others: Vec<_> = names.filter(|other| *other != name).collect();
        assert_eq!(others.len(), 1, "{others:?}");
        others[0].to_owned()
    }

    /// The instance that a snapshot was taken of.
    pub fn source_of(&self, snapshot: &str) -> String {
        let rds = self.rds();
        let asked = rds.describe_db_snapshots().db_snapshot_identifier(snapshot);
        let told = self.wait(asked.send()).unwrap();
        let source = told.db_snapshots()[0].db_instance_identifier();
        source.unwrap().to_owned()
    }

    /// A statement in the environment's database, as its administrator.
    pub fn sql(&self, name: &str, statement: &str) -> String {
        self.sql_as(PASSWORD, name, statement)
    }

    /// The same, with another password.
    pub fn sql_as(&self, password: &str, name: &str, statement: &str) -> String {
        let instance = self.instance(name);
        let endpoint = instance.endpoint().unwrap();
        let at = (endpoint.address().unwrap(), endpoint.port().unwrap());
        self.sql_at(password, at, statement)
    }

    /// The same of a database at that host and port.
    pub fn sql_at(&self, password: &str, (host, port): (&str, i32), statement: &str) -> String {
        let url = format!("postgres://master:{password}@{host}:{port}/app");
        let psql = testkit::postgres::find().unwrap().program("psql");
        let output = std::process::Command::new(psql)
            .args([
                "-X",
                "-q",
                "-A",
                "-t",
                "-v",
                "ON_ERROR_STOP=1",
                "-c",
                statement,
            ])
            .arg(url)
            .output()
            .unwrap();
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{statement}: {errors}");
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }
}
