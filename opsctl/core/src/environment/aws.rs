//! The account of AWS that an environment lives in, and what opsctl needs to know there. Never a key: those come from AWS's own
//! chain (a profile, single sign-on, the pod's role).

use std::fmt;
use std::path::PathBuf;

use serde::de::Error as _;

use super::Span;
use crate::costs::Prices;

/// The account of an environment.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AwsSettings {
    /// Whose resources these are. Held against who asks, before anything is written.
    pub account: AccountId,
    /// Where the environment runs.
    pub region: String,
    /// Where it is brought back when that region is lost: state, evidence and copies of backups lie there.
    pub backup_region: String,
    /// The profile of AWS's own configuration files to ask as; absent: whatever the standard chain finds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profile: Option<String>,
    /// What everything is called or begins with, as Terraform makes it: secrets are `<name>/<secret>`, the load balancer, its firewall and the
    /// network have that name, target groups are `<name>-<service>`.
    pub name: String,
    /// The buckets.
    pub buckets: AwsBuckets,
    /// The replication group of ElastiCache; absent: the environment has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cache: Option<String>,
    /// The key of the backup region that copies of backups are encrypted with; absent: they are not encrypted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub copy_key: Option<String>,
    /// List prices, before those that opsctl comes with.
    #[serde(default, skip_serializing_if = "Prices::is_empty")]
    pub prices: Prices,
}

/// The buckets of an environment: what opsctl writes is in the backup region.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AwsBuckets {
    /// Locks, journals, releases.
    pub state: String,
    /// Evidence, under an Object Lock.
    pub evidence: String,
    /// Dumps.
    pub backups: String,
    /// The daily reports, in the first region; absent: `conform` can't say how long they are kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reports: Option<String>,
    /// Archived logs, in the first region; absent: the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub logs: Option<String>,
}

/// An RDS instance as an environment's database.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RdsSettings {
    /// The instance that Terraform made. Which one serves is state: a restore takes over under a name of its own.
    pub instance: String,
    /// The database on it.
    #[serde(default = "the_usual_database")]
    pub database: String,
    /// What a restored instance is given, since none of it is kept by a restore.
    pub restore_with: RestoreWith,
    /// The same in the backup region, where nothing of the first is known; absent: nothing is restored there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub restore_abroad: Option<RestoreWith>,
    /// Whether the way to the database is encrypted, and to whom.
    #[serde(default)]
    pub tls: Tls,
    /// The file with the authority of RDS's certificates, beside `opsctl.yaml`: no list of public ones names it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub authority: Option<PathBuf>,
    /// How often AWS is asked how far something is: its own waiters notice minutes late.
    #[serde(default = "ten_seconds")]
    pub poll_every: Span,
}

/// Whether the way to a database is encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Tls {
    /// To the very host that was named, vouched for by the authority.
    #[default]
    VerifyFull,
    /// Not at all: for rehearsals on one machine; refused in a protected environment.
    Off,
}

/// The surroundings of a restored instance.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RestoreWith {
    /// Its subnets.
    pub subnet_group: String,
    /// Its parameters; absent: those of its source.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parameter_group: Option<String>,
    /// The security groups of one that takes over; absent: those of its source, which must then be of the same region.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub security_group_ids: Option<Vec<String>>,
    /// The security groups of a copy that nobody is served from.
    pub drill_group_ids: Vec<String>,
    /// The class of such a copy; absent: that of its source.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub drill_class: Option<String>,
}

impl AwsSettings {
    /// The full name of a secret.
    #[must_use]
    pub fn secret(&self, name: &str) -> String {
        format!("{}/{name}", self.name)
    }
}

fn the_usual_database() -> String {
    "app".to_owned()
}

const fn ten_seconds() -> Span {
    Span::seconds(10)
}

/// An account: twelve digits.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[serde(transparent)]
pub struct AccountId(String);

impl AccountId {
    /// The account as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for AccountId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<'de> serde::Deserialize<'de> for AccountId {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        match text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit()) {
            true => Ok(Self(text)),
            false => Err(D::Error::custom(format!(
                "'{text}' is no account: twelve digits, in quotes so that a leading zero stays"
            ))),
        }
    }
}
