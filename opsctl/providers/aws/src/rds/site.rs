//! One environment's place in RDS: the account, its settings, the way to its databases.

use std::sync::Arc;
use std::time::Duration;

use aws_sdk_rds::Client;
use aws_sdk_rds::types::DbInstance;
use opsctl_core::environment::RdsSettings;
use opsctl_core::names::EnvironmentName;
use opsctl_core::ports::{Databases, Descriptor, Location, Logins, Pointer};
use opsctl_core::secret::Secret;
use opsctl_core::{Failure, FailureKind, Result};

use super::states::{Standing, standing};
use super::{instances, ways::Ways};
use crate::account::{Aws, Side};

/// The administrator of the databases.
#[derive(Debug, Clone)]
pub struct Master {
    /// Its login.
    pub username: String,
    /// Its password: a restored instance has the one of its backup until it is given this.
    pub password: Secret<String>,
}

/// What everything here works with. Cheap to clone behind an `Arc`.
pub struct RdsSite {
    /// The account.
    pub aws: Aws,
    /// In which of its regions databases are looked for and restored.
    pub at: Side,
    /// The environment.
    pub environment: EnvironmentName,
    /// What `opsctl.yaml` says of its database.
    pub settings: RdsSettings,
    /// The ways to databases.
    pub ways: Ways,
    /// Who may do everything there.
    pub master: Master,
    /// Where the application finds its database.
    pub pointer: Arc<dyn Pointer>,
    /// Opens databases.
    pub databases: Arc<dyn Databases>,
    /// The logins of the application.
    pub logins: Arc<dyn Logins>,
}

/// The instance that serves.
pub(crate) struct Serving {
    pub descriptor: Descriptor,
    pub instance: DbInstance,
}

impl RdsSite {
    /// A client in the site's own region.
    pub(super) async fn client(&self) -> Result<Client> {
        self.client_in(self.at).await
    }

    /// A client in one of the two regions.
    pub(super) async fn client_in(&self, side: Side) -> Result<Client> {
        Ok(Client::new(&self.aws.config(side).await?))
    }

    /// How often AWS is asked.
    pub(super) fn pause(&self) -> Duration {
        self.settings.poll_every.0
    }

    /// The instance that the descriptor names, found by its address: names change hands at a cut-over, addresses don't.
    ///
    /// # Errors
    /// When the environment was never set up, or nothing stands at that address.
    pub(crate) async fn serving(&self) -> Result<Serving> {
        let name = &self.environment;
        let descriptor = self.pointer.read().await?.ok_or_else(|| {
            Failure::failed(format!("'{name}' has no database yet"))
                .hint(format!("opsctl --env {name} migrate up"))
        })?;
        let instance = self.standing_at(&descriptor.location).await?;
        Ok(Serving {
            descriptor,
            instance,
        })
    }

    /// The same, where there may be none any more.
    pub(super) async fn serving_if_any(&self) -> Result<Option<Serving>> {
        let Some(descriptor) = self.pointer.read().await? else {
            return Ok(None);
        };
        let address = Ways::address(&descriptor.location)?;
        let found = instances::all(self).await?;
        // One that is being deleted tells nothing any more of how a database is protected.
        let stays = |it: &DbInstance| standing(instances::status(it)) != Standing::Going;
        let found = found
            .into_iter()
            .find(|it| instances::is_at(it, address) && stays(it));
        Ok(found.map(|instance| Serving {
            descriptor,
            instance,
        }))
    }

    async fn standing_at(&self, location: &Location) -> Result<DbInstance> {
        let address = Ways::address(location)?;
        let found = instances::all(self).await?;
        found
            .into_iter()
            .find(|it| instances::is_at(it, address))
            .ok_or_else(|| {
                Failure::new(
                    FailureKind::Failed,
                    format!("no instance of RDS stands at {address}"),
                )
                .cause("the descriptor names it, and the account has no such instance")
                .hint(format!("opsctl --env {} doctor", self.environment))
            })
    }
}
