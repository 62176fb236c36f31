//! What an account holds of an environment, under the names of Terraform's attributes. Only asks.

mod balancer;
mod cache;
mod database;
mod firewall;
mod network;
mod registry;
mod secret;
mod shield;
mod standby;
mod storage;

use async_trait::async_trait;
use opsctl_core::Result;
use opsctl_core::environment::RdsSettings;
use opsctl_core::ports::{Asset, Estate, Location};
use serde_json::{Value, json};

use crate::account::{Aws, Side};

/// The estate of one environment.
#[derive(Debug, Clone)]
pub struct AwsEstate {
    /// The account.
    pub aws: Aws,
    /// Its database, where it is one of RDS.
    pub rds: Option<RdsSettings>,
    /// Where the application finds its database; `None`: it was never set up.
    pub serving: Option<Location>,
    /// The path of the application's image in the registry.
    pub repository: Option<String>,
}

#[async_trait]
impl Estate for AwsEstate {
    async fn describe(&self, asset: &Asset) -> Result<Option<Value>> {
        let what = format!("asking for {asset}");
        let asking = Box::pin(self.ask(asset));
        self.aws.heard(side(asset), &what, asking).await
    }
}

impl AwsEstate {
    async fn ask(&self, asset: &Asset) -> Result<Option<Value>> {
        match asset {
            Asset::Account => self.account().await.map(Some),
            Asset::Database => database::serving(self).await,
            Asset::Replica => database::replica(self).await,
            Asset::ReplicatedBackups => database::replicated(self).await,
            Asset::Cache => cache::describe(self).await,
            Asset::Registry => registry::describe(self).await,
            Asset::RegistryRules => registry::rules(self).await,
            Asset::Secret(name) => secret::describe(&self.aws, name).await,
            Asset::Bucket(purpose) => storage::describe(&self.aws, purpose).await,
            Asset::Keeping(purpose) => storage::keeping(&self.aws, purpose).await,
            Asset::LoadBalancer => balancer::describe(self, Side::Home).await,
            Asset::StandbyLoadBalancer => balancer::describe(self, Side::Backup).await,
            Asset::StandbyCluster => standby::cluster(self).await,
            Asset::Listener(port) => balancer::listener(self, *port).await,
            Asset::TlsPolicy => balancer::tls_policy(self).await,
            Asset::Routes => balancer::routes(self).await,
            Asset::TargetGroup(service) => balancer::target_group(self, service).await,
            Asset::Targets(service) => balancer::targets(self, service).await,
            Asset::Firewall => firewall::describe(self).await,
            Asset::Shield => shield::describe(self).await,
            Asset::Network => network::describe(self).await,
            Asset::SecurityGroups => network::groups(self).await,
        }
    }

    /// The account was told apart by the first question.
    async fn account(&self) -> Result<Value> {
        self.aws.config(Side::Home).await?;
        Ok(json!({"id": self.aws.settings().account, "region": self.aws.settings().region}))
    }
}

/// The region whose silence makes an answer impossible. Whose account it is, the backup region says.
fn side(asset: &Asset) -> Side {
    match asset {
        Asset::Account
        | Asset::ReplicatedBackups
        | Asset::StandbyLoadBalancer
        | Asset::StandbyCluster => Side::Backup,
        Asset::Bucket(purpose) | Asset::Keeping(purpose) => storage::side(purpose),
        _ => Side::Home,
    }
}
