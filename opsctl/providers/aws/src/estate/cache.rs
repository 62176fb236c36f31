//! The cache: its replication group.

use opsctl_core::{Failure, Result};
use serde_json::{Value, json};

use super::AwsEstate;
use crate::account::Side;
use crate::trouble;

/// The group that `opsctl.yaml` names.
pub async fn describe(estate: &AwsEstate) -> Result<Option<Value>> {
    let Some(name) = &estate.aws.settings().cache else {
        return Err(Failure::failed("opsctl.yaml names no cache").hint("set `aws.cache`"));
    };
    let client = aws_sdk_elasticache::Client::new(&estate.aws.config(Side::Home).await?);
    let asked = client
        .describe_replication_groups()
        .replication_group_id(name)
        .send()
        .await;
    let answer = match asked {
        Err(error) if trouble::is(&error, "ReplicationGroupNotFoundFault") => return Ok(None),
        other => other.map_err(|error| {
            trouble::of(
                "can't ask ElastiCache for the cache (elasticache:DescribeReplicationGroups)",
                &error,
            )
        })?,
    };
    Ok(answer.replication_groups().first().map(|it| {
        let shards = it.node_groups();
        let nodes = shards.iter().map(|shard| shard.node_group_members().len());
        json!({
            "arn": it.arn(),
            "engine": it.engine(),
            "node_type": it.cache_node_type(),
            "automatic_failover_enabled": it.automatic_failover().map(|it| it.as_str() == "enabled"),
            "multi_az_enabled": it.multi_az().map(|it| it.as_str() == "enabled"),
            "transit_encryption_enabled": it.transit_encryption_enabled(),
            "transit_encryption_mode": it.transit_encryption_mode().map(|it| it.as_str()),
            "at_rest_encryption_enabled": it.at_rest_encryption_enabled(),
            "shards": shards.len(),
            "replicas": nodes.min().unwrap_or_default().saturating_sub(1),
        })
    }))
}
