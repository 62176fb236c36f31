//! How big instances of RDS are: what serves, and what a restore would make.

use std::sync::Arc;

use async_trait::async_trait;
use aws_sdk_rds::types::DbInstance;
use opsctl_core::Result;
use opsctl_core::names::BackupId;
use opsctl_core::ports::{Sizes, Sizing};

use super::backups::find;
use super::remembered;
use super::site::RdsSite;
use super::tags::Tags;
use crate::account::Side;

/// The sizes of one environment's database and its copies, in one of its regions.
pub struct RdsSizes {
    site: Arc<RdsSite>,
}

impl RdsSizes {
    /// Of that environment.
    #[must_use]
    pub const fn new(site: Arc<RdsSite>) -> Self {
        Self { site }
    }

    fn region(&self) -> String {
        self.site.aws.region(self.site.at).to_owned()
    }

    /// What serves; nothing where another region is looked at, which may be all that is left.
    async fn here(&self) -> Result<Option<DbInstance>> {
        Ok(match self.site.at {
            Side::Home => self.site.serving_if_any().await?.map(|it| it.instance),
            Side::Backup => None,
        })
    }
}

#[async_trait]
impl Sizes for RdsSizes {
    async fn serving(&self) -> Result<Sizing> {
        let found = self.site.serving().await?.instance;
        Ok(Sizing {
            region: self.region(),
            class: found.db_instance_class().map(ToOwned::to_owned),
            multi_az: found.multi_az().unwrap_or_default(),
            storage_type: found.storage_type().map(ToOwned::to_owned),
            storage_gib: gib(found.allocated_storage()),
        })
    }

    async fn copy_of(&self, backup: &BackupId) -> Result<Sizing> {
        let (snapshot, serving) = (find(&self.site, backup).await?, self.here().await?);
        let source = serving.as_ref();
        let (kind, size) = match &snapshot {
            Some(snapshot) => (snapshot.storage_type(), snapshot.allocated_storage()),
            None => (
                source.and_then(DbInstance::storage_type),
                source.and_then(DbInstance::allocated_storage),
            ),
        };
        let own = self.site.settings.restore_with.drill_class.clone();
        let noted = || remembered::class(&Tags::of(snapshot.as_ref()?.tag_list()));
        let class = || source?.db_instance_class().map(ToOwned::to_owned);
        Ok(Sizing {
            region: self.region(),
            class: own.or_else(class).or_else(noted),
            // A scratch copy stands alone.
            multi_az: false,
            storage_type: kind.map(ToOwned::to_owned),
            storage_gib: gib(size),
        })
    }
}

fn gib(told: Option<i32>) -> Option<u32> {
    told.and_then(|it| u32::try_from(it).ok())
}
