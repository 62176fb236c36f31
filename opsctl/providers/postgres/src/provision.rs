//! The empty database of a local environment: a cluster of its lineage, with the platform's roles in it.

use async_trait::async_trait;
use opsctl_core::{
    Result,
    guard::Permit,
    names::LineageId,
    ports::{Provision, Provisioned},
};

use crate::{
    cluster::{DATABASE, LocalPostgres, connect},
    connect::trouble,
};

/// Who may do what; migrations build on it.
pub(crate) const ROLES: &str = include_str!("../../../../migrations/postgres/roles.sql");

/// Makes clusters.
#[derive(Debug, Clone)]
pub struct PostgresProvision {
    local: LocalPostgres,
    port: u16,
}

impl PostgresProvision {
    /// Clusters that serve on `port`; 0 picks a free one for each and keeps it.
    #[must_use]
    pub const fn new(local: LocalPostgres, port: u16) -> Self {
        Self { local, port }
    }
}

#[async_trait]
impl Provision for PostgresProvision {
    async fn create(&self, permit: &Permit<'_>, lineage: LineageId) -> Result<Provisioned> {
        permit.check()?;
        let record = self.local.create(lineage, self.port)?;
        self.local.start(lineage).await?;
        let folder = self.local.layout.cluster(lineage);
        let mut session = connect(&folder, &record, DATABASE).await?;
        sqlx::raw_sql(ROLES)
            .execute(&mut session)
            .await
            .map_err(trouble("can't set up the roles of the database"))?;
        self.local.renew_password(lineage).await?;
        Ok(Provisioned {
            application: self.local.application(&record),
            administrator: folder.administrator(&record),
        })
    }

    async fn remove(&self, permit: &Permit<'_>, lineage: LineageId) -> Result<()> {
        permit.check()?;
        self.local.remove(lineage).await
    }
}
