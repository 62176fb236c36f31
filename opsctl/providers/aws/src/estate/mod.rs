//! What an account holds of an environment, under the names of Terraform's attributes. Only asks.

mod cache;
mod database;
mod registry;
mod secret;
mod storage;

use async_trait::async_trait;
use opsctl_core::Result;
use opsctl_core::environment::RdsSettings;
use opsctl_core::ports::{Asset, Estate, Location};
use serde_json::{Value, json};

use crate::account::Aws;

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
        match asset {
            Asset::Account => self.account().await.map(Some),
            Asset::Database => database::serving(self).await,
            Asset::Replica => database::replica(self).await,
            Asset::ReplicatedBackups => database::replicated(self).await,
            Asset::Cache => cache::describe(self).await,
            Asset::Registry => registry::describe(self).await,
            Asset::Secret(name) => secret::describe(&self.aws, name).await,
            Asset::Bucket(purpose) => storage::describe(&self.aws, purpose).await,
        }
    }
}

impl AwsEstate {
    /// The account was told apart by the first question.
    async fn account(&self) -> Result<Value> {
        self.aws.config(crate::Side::Home).await?;
        Ok(json!({"id": self.aws.settings().account, "region": self.aws.settings().region}))
    }
}
