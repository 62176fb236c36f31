//! [`AdministratorPassword`] of the instance that serves. RDS sets it, so nobody has to log in with the one before.

use std::sync::Arc;

use async_trait::async_trait;
use aws_sdk_rds::Client;
use aws_sdk_rds::error::ProvideErrorMetadata;
use opsctl_core::guard::Permit;
use opsctl_core::ports::{AdministratorPassword, Pointer};
use opsctl_core::secret::Secret;
use opsctl_core::{Failure, Result};

use super::place::Place;
use crate::account::{Aws, Side};
use crate::rds::instances;
use crate::trouble;

/// What is refused while an instance is in another state than `available`.
const BUSY: &str = "InvalidDBInstanceState";

/// The master user of the serving instance.
#[derive(Clone)]
pub struct RdsAdministrator {
    /// The account.
    pub aws: Aws,
    /// Which instance serves.
    pub pointer: Arc<dyn Pointer>,
}

#[async_trait]
impl AdministratorPassword for RdsAdministrator {
    async fn set(&self, permit: &Permit<'_>, password: &Secret<String>) -> Result<()> {
        let client = Client::new(&self.aws.config(Side::Home).await?);
        let instance = self.serving(&client).await?;
        permit.check()?;
        let modified = client
            .modify_db_instance()
            .db_instance_identifier(&instance)
            .master_user_password(password.expose())
            .apply_immediately(true);
        match modified.send().await {
            Ok(_) => Ok(()),
            // Asked for before, and the answer was lost: whether it is this password is for the log-in to prove.
            Err(error) if error.code() == Some(BUSY) && is_being_set(&client, &instance).await => {
                Ok(())
            }
            Err(error) => {
                let what = format!("can't set the master password of '{instance}'");
                Err(trouble::of(what, &error))
            }
        }
    }
}

/// Whether a master password is being set there.
async fn is_being_set(client: &Client, instance: &str) -> bool {
    let asked = client.describe_db_instances();
    let told = asked.db_instance_identifier(instance).send().await;
    told.is_ok_and(|told| {
        let mut found = told.db_instances().iter();
        found.any(|it| it.db_instance_status() == Some("resetting-master-credentials"))
    })
}

impl RdsAdministrator {
    /// Its name: names change hands at a cut-over, the address is what the descriptor says.
    async fn serving(&self, client: &Client) -> Result<String> {
        let descriptor = self.pointer.read().await?;
        let descriptor = descriptor.ok_or_else(|| Failure::refused("there is no database yet"))?;
        let at = Place::of(&descriptor)?.at;
        let address = at.split('/').next().unwrap_or_default();
        let all = instances::every(client).await?;
        let found = all.iter().find(|it| instances::is_at(it, address));
        if let Some(name) = found.and_then(|it| it.db_instance_identifier()) {
            return Ok(name.to_owned());
        }
        Err(
            Failure::failed(format!("no instance of RDS stands at {address}"))
                .cause("the descriptor names it, and the account has no such instance")
                .hint("opsctl doctor"),
        )
    }
}
