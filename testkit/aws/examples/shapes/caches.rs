//! Replication groups. `TestFailover` and `DescribeEvents` have no second opinion: moto answers neither.

use anyhow::Result;

use super::site::{HOME, Site, client};

pub async fn ask(site: &Site) -> Result<()> {
    let cache = client!(aws_sdk_elasticache, site, HOME);
    cache
        .create_replication_group()
        .replication_group_id("shapes")
        .replication_group_description("of the tests")
        .cache_node_type("cache.t4g.micro")
        .engine("redis")
        .num_cache_clusters(2)
        .automatic_failover_enabled(true)
        .multi_az_enabled(true)
        .send()
        .await?;
    let described = cache.describe_replication_groups();
    described.replication_group_id("shapes").send().await?;
    let deleted = cache.delete_replication_group();
    deleted.replication_group_id("shapes").send().await?;
    Ok(())
}
