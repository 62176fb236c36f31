//! [`AdministratorPassword`] of the instance that serves. RDS sets it, so nobody has to log in with the one before.

use std::sync::Arc;

use async_trait::async_trait;
use aws_sdk_rds::Client;
use aws_sdk_rds::types::DbInstance;
use opsctl_core::guard::Permit;
use opsctl_core::ports::{AdministratorPassword, Pointer};
use opsctl_core::secret::Secret;
use opsctl_core::{Failure, Result};

use super::place::Place;
use crate::account::{Aws, Side};
use crate::trouble;

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
        // The same password again is no change: a lost answer may be asked for anew.
        let modified = client
            .modify_db_instance()
            .db_instance_identifier(&instance)
            .master_user_password(password.expose())
            .apply_immediately(true);
        modified.send().await.map(drop).map_err(|error| {
            trouble::of(
                format!("can't set the master password of '{instance}'"),
                &error,
            )
        })
    }
}

impl RdsAdministrator {
    /// Its name: names change hands at a cut-over, the address is what the descriptor says.
    async fn serving(&self, client: &Client) -> Result<String> {
        let descriptor = self.pointer.read().await?;
        let descriptor = descriptor.ok_or_else(|| Failure::refused("there is no database yet"))?;
        let at = Place::of(&descriptor)?.at;
        let address = at.split('/').next().unwrap_or_default();
        let mut pages = client.describe_db_instances().into_paginator().send();
        while let Some(page) = pages.next().await {
            let page = page.map_err(|error| trouble::of("can't list the instances", &error))?;
            let mut all = page.db_instances().iter();
            if let Some(name) = all
                .find(|instance| stands_at(instance, address))
                .and_then(|instance| instance.db_instance_identifier())
            {
                return Ok(name.to_owned());
            }
        }
        Err(
            Failure::failed(format!("no instance of RDS stands at {address}"))
                .cause("the descriptor names it, and the account has no such instance")
                .hint("opsctl doctor"),
        )
    }
}

fn stands_at(instance: &DbInstance, address: &str) -> bool {
    let endpoint = instance.endpoint();
    endpoint.is_some_and(|it| match (it.address(), it.port()) {
        (Some(host), Some(port)) => format!("{host}:{port}") == address,
        _ => false,
    })
}
