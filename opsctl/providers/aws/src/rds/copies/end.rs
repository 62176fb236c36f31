//! The end of an instance: nothing that is billed stays, and nothing that serves goes.

use opsctl_core::guard::Permit;
use opsctl_core::{Failure, Result};

use super::super::settled::{PATIENCE, Wait};
use super::super::site::RdsSite;
use super::super::states::{Standing, standing};
use super::super::tags::{ROLE, SERVING};
use super::super::{instances, refusals};
use super::state;

/// What is kept of an instance that ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in super::super) enum Keep {
    /// Nothing: it was a copy.
    Nothing,
    /// A last snapshot of that name, and its automated backups.
    Everything(String),
}

/// Ends a copy. Idempotent; refuses one that serves.
pub(super) async fn discard(site: &RdsSite, permit: &Permit<'_>, name: &str) -> Result<()> {
    let Some(found) = instances::find(site, name).await? else {
        return Ok(());
    };
    let tags = instances::tags(&found);
    if !state::is_ours(site, &tags) {
        return Err(
            Failure::refused(format!("opsctl did not restore the instance '{name}'"))
                .left("nothing was changed"),
        );
    }
    if tags.is(ROLE, SERVING) {
        return Err(
            Failure::refused(format!("the copy '{name}' serves: it is kept"))
                .left("nothing was changed"),
        );
    }
    end(site, permit, name, &Keep::Nothing).await
}

/// Ends an instance, whatever protects it, and waits until AWS has begun: from then on it goes by itself and costs nothing.
pub(in super::super) async fn end(
    site: &RdsSite,
    permit: &Permit<'_>,
    name: &str,
    keep: &Keep,
) -> Result<()> {
    let mut wait = Wait::new(site, PATIENCE);
    loop {
        let found = wait.heard(instances::find(site, name).await)?;
        match found {
            Some(None) => return Ok(()),
            Some(Some(found)) => {
                if standing(instances::status(&found)) == Standing::Going {
                    return gone(site, name, &mut wait).await;
                }
                permit.check()?;
                match found.deletion_protection() {
                    Some(true) => unprotect(site, name, &mut wait).await?,
                    _ => delete(site, name, keep, &mut wait).await?,
                }
            }
            None => {}
        }
        wait.pause(&format!("the end of '{name}'")).await?;
    }
}

/// Its name is free again.
async fn gone(site: &RdsSite, name: &str, wait: &mut Wait<'_>) -> Result<()> {
    loop {
        if let Some(None) = wait.heard(instances::find(site, name).await)? {
            return Ok(());
        }
        wait.pause(&format!("the end of '{name}'")).await?;
    }
}

async fn unprotect(site: &RdsSite, name: &str, wait: &mut Wait<'_>) -> Result<()> {
    let client = site.client().await?;
    let call = client
        .modify_db_instance()
        .db_instance_identifier(name)
        .deletion_protection(false)
        .apply_immediately(true);
    let Err(error) = call.send().await else {
        return Ok(());
    };
    wait.again(&format!("can't take the protection from '{name}'"), &error)
}

async fn delete(site: &RdsSite, name: &str, keep: &Keep, wait: &mut Wait<'_>) -> Result<()> {
    let client = site.client().await?;
    let call = client.delete_db_instance().db_instance_identifier(name);
    let call = match keep {
        Keep::Nothing => call
            .skip_final_snapshot(true)
            .delete_automated_backups(true),
        Keep::Everything(last) => call
            .final_db_snapshot_identifier(last)
            .delete_automated_backups(false),
    };
    let Err(error) = call.send().await else {
        return Ok(());
    };
    if refusals::is(&error, "DBInstanceNotFound") {
        return Ok(());
    }
    let again = wait.again(&format!("can't delete '{name}'"), &error);
    again.map_err(|failure| failure.left("it is still there and paid for"))
}
