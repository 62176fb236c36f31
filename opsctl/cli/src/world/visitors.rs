//! Who stands in for users of the cache while it fails over.

use std::sync::Arc;

use async_trait::async_trait;
use opsctl_aws::{Aws, ElastiCacheGroup, SecretKey, cache_address};
use opsctl_core::Result;
use opsctl_core::ports::{CachePorts, EvidenceKeys, Prober, Through, Visitors};
use opsctl_redis::RedisProber;
use opsctl_visitor::UserProber;

/// The cache of an account; `None` where `opsctl.yaml` names none.
pub(super) fn cache(aws: &Aws) -> Option<CachePorts> {
    aws.settings().cache.as_ref()?;
    Some(CachePorts {
        group: Arc::new(ElastiCacheGroup::of(aws.clone())),
        visitors: Arc::new(CacheVisitors(aws.clone())),
    })
}

struct CacheVisitors(Aws);

#[async_trait]
impl Visitors for CacheVisitors {
    async fn by(&self, through: &Through) -> Result<Arc<dyn Prober>> {
        Ok(match through {
            Through::Cache { slots } => {
                let addresses = cache_address(&self.0).await?;
                Arc::new(RedisProber::at(addresses, *slots))
            }
            Through::Application { url, authority } => {
                let key = SecretKey::of(self.0.clone()).signing_key().await?;
                let password = key.derived("the user of failover drills");
                let name = &self.0.settings().name;
                let prober = UserProber::at(url, authority.as_deref(), name, password)?;
                Arc::new(prober)
            }
        })
    }
}
