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
    /// A bucket, by what it is for: `state`, `evidence`, `backups`, `reports`, `logs`.
    Bucket(String),
    /// How long such a bucket keeps what is in it.
    Keeping(String),
    /// Which images the repository keeps.
    RegistryRules,
    /// The one door.
    LoadBalancer,
    /// The same in the backup region.
    StandbyLoadBalancer,
    /// The cluster that stands ready in the backup region.
    StandbyCluster,
    /// What the door does on a port.
    Listener(u16),
    /// The versions of TLS that it speaks on 443.
    TlsPolicy,
    /// Which paths go to whom on 443.
    Routes,
    /// The pods of a service, as the door counts them.
    TargetGroup(String),
    /// How those pods are.
    Targets(String),
    /// The firewall before the door.
    Firewall,
    /// What is paid against floods.
    Shield,
    /// The network, and the ways out of it.
    Network,
    /// Who may speak to whom in it.
    SecurityGroups,
}

/// What is asked for by one word.
const ALONE: [(&str, Asset); 16] = [
    ("account", Asset::Account),
    ("database", Asset::Database),
    ("replica", Asset::Replica),
    ("replicated-backups", Asset::ReplicatedBackups),
    ("cache", Asset::Cache),
    ("registry", Asset::Registry),
    ("registry-rules", Asset::RegistryRules),
    ("load-balancer", Asset::LoadBalancer),
    ("standby-load-balancer", Asset::StandbyLoadBalancer),
    ("standby-cluster", Asset::StandbyCluster),
    ("tls-policy", Asset::TlsPolicy),
    ("routes", Asset::Routes),
    ("firewall", Asset::Firewall),
    ("shield", Asset::Shield),
    ("network", Asset::Network),
    ("security-groups", Asset::SecurityGroups),
];

/// Asks an account what it holds. Changes nothing.
#[async_trait]
pub trait Estate: Send + Sync {
    /// What AWS says of it, under the names of Terraform's attributes; `None`: it is not there.
    async fn describe(&self, asset: &Asset) -> Result<Option<Value>>;
}

impl fmt::Display for Asset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Secret(name) => write!(f, "secret/{name}"),
            Self::Bucket(name) => write!(f, "bucket/{name}"),
            Self::Keeping(name) => write!(f, "keeping/{name}"),
            Self::Listener(port) => write!(f, "listener/{port}"),
            Self::TargetGroup(service) => write!(f, "target-group/{service}"),
            Self::Targets(service) => write!(f, "targets/{service}"),
            alone => {
                let word = ALONE.iter().find(|(_, asset)| asset == alone);
                f.write_str(word.map_or("", |(word, _)| word))
            }
        }
    }
}

impl FromStr for Asset {
    type Err = String;

    fn from_str(text: &str) -> std::result::Result<Self, String> {
        let Some((kind, name)) = text.split_once('/') else {
            let alone = ALONE.iter().find(|(word, _)| *word == text);
            return alone
                .map(|(_, asset)| asset.clone())
                .ok_or_else(|| unknown(text));
        };
        let name = name.to_owned();
        match kind {
            "secret" => Ok(Self::Secret(name)),
            "bucket" => Ok(Self::Bucket(name)),
            "keeping" => Ok(Self::Keeping(name)),
            "target-group" => Ok(Self::TargetGroup(name)),
            "targets" => Ok(Self::Targets(name)),
            "listener" => match name.parse() {
                Ok(port) => Ok(Self::Listener(port)),
                Err(_) => Err(format!("'{name}' of '{text}' is no port")),
            },
            _ => Err(unknown(text)),
        }
    }
}

fn unknown(text: &str) -> String {
    let words: Vec<&str> = ALONE.iter().map(|(word, _)| *word).collect();
    format!(
        "AWS is not asked for '{text}': it is one of {}, secret/<name>, bucket/<purpose>, keeping/<purpose>, listener/<port>, \
         target-group/<service>, targets/<service>",
        words.join(", ")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_is_asked_for_is_read_back_as_it_is_written() {
        let more = [
            "secret/jwt",
            "bucket/logs",
            "keeping/logs",
            "listener/443",
            "target-group/api",
            "targets/api",
        ];
        for word in ALONE.iter().map(|(word, _)| *word).chain(more) {
            assert_eq!(word.parse::<Asset>().unwrap().to_string(), word);
        }
    }

    #[test]
    fn what_nobody_asks_for_is_refused_with_what_there_is() {
        let fault = "balancer".parse::<Asset>().unwrap_err();
        assert!(fault.contains("load-balancer, "), "{fault}");
        let fault = "listener/https".parse::<Asset>().unwrap_err();
        assert_eq!(fault, "'https' of 'listener/https' is no port");
    }
}
