//! The instance that Terraform made: given its roles at first, and ended once it was set aside.

use std::sync::Arc;

use async_trait::async_trait;
use opsctl_core::guard::Permit;
use opsctl_core::names::LineageId;
use opsctl_core::ports::{Location, Provision, Provisioned};
use opsctl_core::{Failure, Result};

use super::copies::{Keep, end};
use super::site::RdsSite;
use super::{instances, settled};

/// The database of one environment, as infrastructure.
pub struct RdsProvision {
    site: Arc<RdsSite>,
}

impl RdsProvision {
    /// That of this environment.
    #[must_use]
    pub const fn new(site: Arc<RdsSite>) -> Self {
        Self { site }
    }

    async fn ours(&self) -> Result<Option<Provisioned>> {
        let site = &self.site;
        let found = instances::find(site, &site.settings.instance).await?;
        let address = found.as_ref().and_then(instances::address);
        Ok(address.map(|address| Provisioned {
            application: site.ways.application(&address),
            administrator: site.ways.administrator(&address),
        }))
    }
}

#[async_trait]
impl Provision for RdsProvision {
    async fn create(&self, permit: &Permit<'_>, lineage: LineageId) -> Result<Provisioned> {
        let (site, name) = (&self.site, &self.site.settings.instance);
        let provisioned = self.ours().await?.ok_or_else(|| {
            Failure::failed(format!("there is no instance '{name}'"))
                .cause("Terraform makes it, and opsctl what is inside")
                .hint("terraform apply: see infra/terraform/README.md")
        })?;
        settled::answering(site, &provisioned.administrator).await?;
        must_be_free(site, &provisioned.administrator, lineage).await?;
        let logins = &site.logins;
        logins.prepare(permit, &provisioned.administrator).await?;
        Ok(provisioned)
    }

    async fn standing(&self) -> Result<Option<Provisioned>> {
        self.ours().await
    }

    async fn remove(&self, permit: &Permit<'_>, lineage: LineageId) -> Result<()> {
        let site = &self.site;
        let all = instances::all(site).await?;
        let found = all.into_iter().find(|it| {
            let tags = instances::tags(it);
            tags.is_of(&site.environment) && tags.lineage() == Some(lineage)
        });
        let Some(found) = found else {
            return Ok(());
        };
        // Its backups stay, and one more is taken of what it holds now.
        let keep = Keep::Everything(permit.operation().to_string());
        end(site, permit, instances::name(&found), &keep).await
    }
}

/// A database that says which one it is was somebody's already.
async fn must_be_free(site: &RdsSite, at: &Location, lineage: LineageId) -> Result<()> {
    let database = site.databases.open(at).await?;
    let identity = database.identity().await;
    database.close().await;
    let Some(found) = identity?.filter(|found| found.lineage_id != lineage) else {
        return Ok(());
    };
    let name = &site.environment;
    Err(Failure::refused(format!(
        "the database of '{name}' is in use already: it says that it is lineage {}",
        found.lineage_id
    ))
    .left("nothing was changed")
    .hint(format!("opsctl --env {name} env adopt --reason …")))
}
