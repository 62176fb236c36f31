//! What an account of AWS holds of an environment, as far as the specification speaks of it.

use std::fmt;
use std::str::FromStr;

use async_trait::async_trait;
use serde_json::Value;

use crate::failure::Result;

/// Something that AWS runs or keeps.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Asset {
    /// The account itself: `/id`.
    Account,
    /// The instance that serves.
    Database,
    /// Its first read replica.
    Replica,
    /// Its backups as the other region has them.
    ReplicatedBackups,
    /// The replication group of the cache.
    Cache,
    /// The repository of the application's image.
    Registry,
    /// A secret, by its name behind the environment's.
    Secret(String),
    /// A bucket, by what it is for: `state`, `evidence`, `backups`.
    Bucket(String),
}

/// Asks an account what it holds. Changes nothing.
#[async_trait]
pub trait Estate: Send + Sync {
    /// What AWS says of it, under the names of Terraform's attributes; `None`: it is not there.
    async fn describe(&self, asset: &Asset) -> Result<Option<Value>>;
}

impl fmt::Display for Asset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Account => f.write_str("account"),
            Self::Database => f.write_str("database"),
            Self::Replica => f.write_str("replica"),
            Self::ReplicatedBackups => f.write_str("replicated-backups"),
            Self::Cache => f.write_str("cache"),
            Self::Registry => f.write_str("registry"),
            Self::Secret(name) => write!(f, "secret/{name}"),
            Self::Bucket(name) => write!(f, "bucket/{name}"),
        }
    }
}

impl FromStr for Asset {
    type Err = String;

    fn from_str(text: &str) -> std::result::Result<Self, String> {
        match text.split_once('/') {
            None => match text {
                "account" => Ok(Self::Account),
                "database" => Ok(Self::Database),
                "replica" => Ok(Self::Replica),
                "replicated-backups" => Ok(Self::ReplicatedBackups),
                "cache" => Ok(Self::Cache),
                "registry" => Ok(Self::Registry),
                _ => Err(unknown(text)),
            },
            Some(("secret", name)) => Ok(Self::Secret(name.to_owned())),
            Some(("bucket", name)) => Ok(Self::Bucket(name.to_owned())),
            Some(_) => Err(unknown(text)),
        }
    }
}

fn unknown(text: &str) -> String {
    format!(
        "AWS is not asked for '{text}': it is one of account, database, replica, replicated-backups, cache, registry, \
         secret/<name>, bucket/<purpose>"
    )
}
