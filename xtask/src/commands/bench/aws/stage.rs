//! The account that is measured on, as a rehearsal furnishes it, and the programs that ask it.

use std::{
    fs,
    path::PathBuf,
    process::Command,
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use testkit::{files::TempDir, postgres::PostgresBinaries};
use testkit_aws::{
    Aws, Call, Console, Service, Told,
    rds::Delays,
    rehearsal::{Furnished, HOME, NAME, Ports},
};
use tokio::runtime::Runtime;

use crate::{
    checkout::Checkout,
    commands::{
        bench::watched::{Seen, watched},
        rehearse::needs,
    },
    machine::{child, postgres},
    terminal::say,
};

/// As opsctl.yaml has the rehearsal, but asking AWS as seldom as in production.
const CONFIGURATION: &str = "version: 1
environments:
  rehearsal:
    database:
      engine: rds
      instance: rehearsal
      tls: off
      restore_with:
        subnet_group: rehearsal
        drill_group_ids: [sg-rehearsal]
    aws:
      account: '111111111111'
      region: eu-central-1
      backup_region: eu-west-1
      name: rehearsal
      buckets: { state: rehearsal-state, evidence: rehearsal-evidence, backups: rehearsal-backups }
      copy_key: alias/rehearsal
";

/// A gigabyte, with its indexes.
const ROWS: [&str; 3] = ["--users=28000", "--posts=350000", "--comments=3500000"];
/// The instance that the peers work with.
pub const PEER: &str = "peer";
const PEERS_PASSWORD: &str = "of-the-peer";
const LIMIT: Duration = Duration::from_secs(600);

/// The account while it is there.
pub struct Stage {
    pub account: Furnished,
    pub binaries: PostgresBinaries,
    opsctl: PathBuf,
    waiter: PathBuf,
    folder: TempDir,
    /// Last: everything above lives on it.
    _runtime: Runtime,
}

impl Stage {
    /// Builds the programs and furnishes the account, with a migrated database and an instance for the peers.
    pub fn set(checkout: &Checkout) -> Result<Self> {
        needs::meet()?;
        let (opsctl, waiter) = build(checkout)?;
        let mut runtime = tokio::runtime::Builder::new_multi_thread();
        let runtime = runtime.enable_all().build()?;
        let folder = TempDir::new()?;
        fs::write(folder.path().join("opsctl.yaml"), CONFIGURATION)?;
        let stage = Self {
            account: runtime.block_on(Furnished::start(Ports::default(), None))?,
            binaries: postgres::require()?,
            opsctl,
            waiter,
            folder,
            _runtime: runtime,
        };
        stage.last(Delays::moments());
        stage.make_peer()?;
        stage.opsctl(&["migrate", "up", "--yes"])?;
        Ok(stage)
    }

    fn make_peer(&self) -> Result<()> {
        let instance = json!({
            "DBInstanceIdentifier": PEER,
            "DBInstanceClass": "db.t4g.medium",
            "Engine": "postgres",
            "AllocatedStorage": 20,
            "DBName": "app",
            "MasterUsername": "master",
            "MasterUserPassword": PEERS_PASSWORD,
            "BackupRetentionPeriod": 1,
        });
        self.ask("CreateDBInstance", instance)?;
        self.instance_is_available(PEER)
    }

    /// Puts a gigabyte into the database; hands back its size in bytes.
    pub fn fill(&self) -> Result<u64> {
        say("filling the database with a gigabyte …");
        self.opsctl(&[&["data", "seed", "--yes"][..], &ROWS].concat())?;
        let asked = "VACUUM (ANALYZE, FREEZE)";
        self.psql(&self.way_into(NAME)?, asked)?;
        let told = self.psql(
            &self.way_into(NAME)?,
            "SELECT pg_database_size(current_database())",
        )?;
        told.trim().parse().context("the size of the database")
    }

    /// From now on states last so long.
    pub fn last(&self, delays: Delays) {
        self.aws().rds().set_delays(delays);
    }

    pub fn aws(&self) -> &Aws {
        &self.account.aws
    }

    fn console(&self) -> Console<'_> {
        self.aws().console(self.aws().account(), HOME)
    }

    /// Asks RDS at the console: that is in no record of calls.
    pub fn ask(&self, action: &str, said: Value) -> Result<Told> {
        self.console().ask(Service::Rds, action, said)
    }

    pub fn instance_is_available(&self, name: &str) -> Result<()> {
        let began = Instant::now();
        let named = json!({"DBInstanceIdentifier": name});
        loop {
            let told = self.ask("DescribeDBInstances", named.clone())?;
            if told.text("DBInstanceStatus") == Some("available") {
                return Ok(());
            }
            ensure!(began.elapsed() < LIMIT, "{name} does not become available");
            thread::sleep(Duration::from_millis(20));
        }
    }

    /// The calls over the wire since there were so many.
    pub fn calls_since(&self, before: usize) -> Vec<Call> {
        self.aws().calls().split_off(before)
    }

    /// Runs opsctl to its end, which must be a good one.
    pub fn opsctl(&self, words: &[&str]) -> Result<Seen> {
        let mut command = Command::new(&self.opsctl);
        command.current_dir(self.folder.path());
        command
            .args(["--env", NAME, "--output", "json"])
            .args(words);
        let seen = watched(self.as_somebody(&mut command))?;
        let (told, status) = (child::told(&command), seen.status);
        ensure!(status.success(), "{told}: {status}: {}", seen.said);
        Ok(seen)
    }

    /// The SDK's own waiter, until what it waits for is there.
    pub fn waiter(&self, what: &str, name: &str) -> Result<()> {
        let mut command = Command::new(&self.waiter);
        command.args([&self.aws().url(), what, name]);
        child::run(self.as_somebody(&mut command))
    }

    fn as_somebody<'a>(&self, command: &'a mut Command) -> &'a mut Command {
        let keys = &self.aws().account().keys;
        command
            .env("AWS_ENDPOINT_URL", self.aws().url())
            .env("AWS_ENDPOINT_URL_S3", self.account.s3.url())
            .env("AWS_ACCESS_KEY_ID", &keys.access_key_id)
            .env("AWS_SECRET_ACCESS_KEY", &keys.secret_access_key)
            .env("AWS_REGION", HOME)
    }

    /// The master's way into the database of an instance.
    pub fn way_into(&self, name: &str) -> Result<String> {
        let told = self.ask("DescribeDBInstances", json!({"DBInstanceIdentifier": name}))?;
        let host = told.text("Address").context("no address")?;
        let port = told.text("Port").context("no port")?;
        let password = match name {
            PEER => PEERS_PASSWORD.to_owned(),
            _ => self.password()?,
        };
        Ok(format!("postgres://master:{password}@{host}:{port}/app"))
    }

    fn password(&self) -> Result<String> {
        let named = json!({"SecretId": format!("{NAME}/database-master")});
        let told = self
            .console()
            .ask(Service::SecretsManager, "GetSecretValue", named)?;
        let value: Value = serde_json::from_str(told.text("SecretString").unwrap_or_default())?;
        let password = value["password"].as_str();
        Ok(password.context("no password")?.to_owned())
    }

    /// Runs SQL; what it answers.
    pub fn psql(&self, database: &str, sql: &str) -> Result<String> {
        let mut psql = Command::new(self.binaries.program("psql"));
        let words = ["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d"];
        psql.args(words).args([database, "-c", sql]);
        Ok(String::from_utf8(child::output(&mut psql)?)?)
    }

    /// A place for files of the candidates.
    pub fn place(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }
}

/// opsctl and the application, optimised, and the program with the SDK's waiter.
fn build(checkout: &Checkout) -> Result<(PathBuf, PathBuf)> {
    // A drill reads its rows through the application, which it looks for beside itself.
    let both = [
        "build",
        "--release",
        "--locked",
        "--package",
        "opsctl",
        "--package",
        "app",
    ];
    child::run(&mut checkout.cargo(both))?;
    // Of the workspace: with the features that the tests have built the SDK with already.
    let waiter = ["build", "--locked", "--workspace", "--example", "waiter"];
    child::run(&mut checkout.cargo(waiter))?;
    Ok((
        checkout.optimised_folder()?.join("opsctl"),
        checkout.built_folder()?.join("examples/waiter"),
    ))
}
