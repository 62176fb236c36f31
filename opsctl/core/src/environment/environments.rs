//! The environments of `opsctl.yaml`.

use std::collections::BTreeMap;

use super::{
    AwsSettings, BackupSettings, ChangeTrace, DrillSettings, GuardSettings, ImageSettings,
    LockSettings, MigrateSettings, Promises, RdsSettings, RunnerSettings, ScheduleSettings,
    SecretSettings, Span, Webhook, WorkloadSettings,
};
use crate::names::EnvironmentName;
use crate::ports::Engine;

/// The whole of `opsctl.yaml`.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Configuration {
    /// The version of the document: 1.
    pub version: u32,
    /// The oldest opsctl that may be used here, as `0.1.0`.
    #[serde(default)]
    pub requires_opsctl: Option<String>,
    /// The promises of the specification; an environment may state its own.
    #[serde(default)]
    pub promises: Promises,
    /// The public keys whose evidence counts.
    #[serde(default)]
    pub trusted_keys: Vec<TrustedKey>,
    /// The environments, by name.
    pub environments: BTreeMap<EnvironmentName, EnvironmentSettings>,
}

/// A public key whose evidence counts.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrustedKey {
    /// The key's id: the first 16 hexadecimal digits of the SHA-256 of the public key.
    pub id: String,
    /// The Ed25519 public key, 64 hexadecimal digits.
    pub public_key: String,
}

/// Whether an environment must be named, and may be seeded or played with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Protection {
    /// It can be thrown away.
    #[default]
    Open,
    /// It must always be named; seeding is refused.
    Protected,
}

/// Where the database of an environment is.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(tag = "engine", rename_all = "kebab-case", deny_unknown_fields)]
pub enum DatabaseTarget {
    /// A SQLite file in the environment's folder.
    Sqlite {},
    /// A PostgreSQL that opsctl runs from the machine's binaries.
    LocalPostgres {
        /// Its TCP port; 0 picks a free one at the first start and keeps it.
        #[serde(default)]
        port: u16,
        /// A quiet database archives at least this often: it bounds the loss.
        #[serde(default = "a_minute")]
        archive_timeout: Span,
    },
    /// An instance of RDS, in the environment's account of AWS.
    Rds(Box<RdsSettings>),
}

impl DatabaseTarget {
    /// The engine.
    #[must_use]
    pub const fn engine(&self) -> Engine {
        match self {
            Self::Sqlite {} => Engine::Sqlite,
            Self::LocalPostgres { .. } | Self::Rds(_) => Engine::Postgres,
        }
    }
}

const fn a_minute() -> Span {
    Span::seconds(60)
}

/// One environment as it is written.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EnvironmentSettings {
    /// Whether it must be named.
    #[serde(default)]
    pub protection: Protection,
    /// Its database.
    pub database: DatabaseTarget,
    /// Its account of AWS, where it lives in one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub aws: Option<AwsSettings>,
    /// What runs on Kubernetes, where something does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub workloads: Option<WorkloadSettings>,
    /// Promises of its own, in place of the document's. Unwritten when absent: a resolved environment would
    /// show this nothing in place of the promises that hold.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub promises: Option<Promises>,
    /// How locks are held.
    #[serde(default)]
    pub lock: LockSettings,
    /// Who may run what.
    #[serde(default)]
    pub guard: GuardSettings,
    /// Backups.
    #[serde(default)]
    pub backup: BackupSettings,
    /// Restore drills.
    #[serde(default)]
    pub drill: DrillSettings,
    /// Migrations.
    #[serde(default)]
    pub migrate: MigrateSettings,
    /// Secrets.
    #[serde(default)]
    pub secrets: SecretSettings,
    /// Images. Unwritten when absent: an environment on one machine has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub images: Option<ImageSettings>,
    /// The pod that opsctl runs in with `--runner cluster`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub runner: Option<RunnerSettings>,
    /// What runs with nobody watching; absent: nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schedule: Option<ScheduleSettings>,
    /// Who is told how operations go.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub webhooks: Vec<Webhook>,
    /// What explains changed rows, by table.
    #[serde(default)]
    pub change_traces: BTreeMap<String, ChangeTrace>,
}

/// One environment, resolved: its name, its settings and the promises that hold there.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Environment {
    /// Its name.
    pub name: EnvironmentName,
    /// The promises that hold here.
    pub promises: Promises,
    /// The public keys whose evidence counts.
    pub trusted_keys: Vec<TrustedKey>,
    /// What is written of it.
    #[serde(flatten)]
    pub settings: EnvironmentSettings,
}

impl Environment {
    /// The command that starts the database's server, where opsctl runs it.
    #[must_use]
    pub fn starting_command(&self) -> Option<String> {
        match self.settings.database {
            DatabaseTarget::Sqlite {} | DatabaseTarget::Rds(_) => None,
            DatabaseTarget::LocalPostgres { .. } => {
                Some(format!("opsctl --env {} local-postgres start", self.name))
            }
        }
    }
}

impl Configuration {
    /// The version of the document that this opsctl knows.
    pub const VERSION: u32 = 1;

    /// The environment of that name, with the promises that hold there.
    #[must_use]
    pub fn environment(&self, name: &EnvironmentName) -> Option<Environment> {
        let settings = self.environments.get(name)?.clone();
        Some(Environment {
            name: name.clone(),
            promises: settings.promises.unwrap_or(self.promises),
            trusted_keys: self.trusted_keys.clone(),
            settings,
        })
    }
}
