//! The replication group that `opsctl.yaml` names. A test of its failover is sent once and never repeated, by the SDK neither.

use async_trait::async_trait;
use aws_sdk_elasticache::Client;
use aws_sdk_elasticache::config::retry::RetryConfig;
use aws_sdk_elasticache::types::{
    AutomaticFailoverStatus, Event, NodeGroup, NodeGroupMember, ReplicationGroup,
};
use opsctl_core::clock::Timestamp;
use opsctl_core::guard::Permit;
use opsctl_core::ports::{
    Availability, CacheGroup, CacheLook, CacheNode, FailoverAsked, Happened, NodeRole, Slots,
    Standby, Standing, Told,
};
use opsctl_core::{Failure, Result};

use super::events;
use crate::account::{Aws, Side};
use crate::standby::{FOURTEEN_DAYS, asked};
use crate::trouble;

/// What the quota of failovers is counted over.
const A_DAY: i32 = 24 * 60;

/// The cache of an environment.
pub struct ElastiCacheGroup {
    aws: Aws,
}

impl ElastiCacheGroup {
    /// That of an environment's account.
    #[must_use]
    pub const fn of(aws: Aws) -> Self {
        Self { aws }
    }

    fn name(&self) -> Result<&str> {
        let name = self.aws.settings().cache.as_deref();
        name.ok_or_else(|| {
            Failure::usage("opsctl.yaml names no cache")
                .left("nothing was changed")
                .hint("set `aws.cache` to the replication group")
        })
    }

    async fn client(&self) -> Result<Client> {
        Ok(Client::new(&self.aws.config(Side::Home).await?))
    }

    async fn group(&self, client: &Client) -> Result<ReplicationGroup> {
        let name = self.name()?;
        let asked = client.describe_replication_groups();
        let told = asked.replication_group_id(name).send().await;
        let told =
            told.map_err(|error| trouble::of(format!("can't look at cache '{name}'"), &error))?;
        let mut groups = told.replication_groups.unwrap_or_default().into_iter();
        groups
            .next()
            .ok_or_else(|| Failure::failed(format!("there is no cache '{name}'")))
    }

    async fn events(&self, client: &Client, minutes: i32) -> Result<Vec<Event>> {
        let asked = client.describe_events().duration(minutes);
        let mut pages = asked.into_paginator().send();
        let mut all = Vec::new();
        while let Some(page) = pages.next().await {
            let page = page.map_err(|error| {
                trouble::of("can't read what happened to caches of this account", &error)
            })?;
            all.extend(page.events.unwrap_or_default());
        }
        Ok(all)
    }
}

/// The shard that is drilled: the first.
fn shard(group: &ReplicationGroup) -> Result<&NodeGroup> {
    let shards = group.node_groups().iter();
    let first = shards.min_by_key(|shard| shard.node_group_id().unwrap_or_default());
    first.ok_or_else(|| {
        let name = group.replication_group_id().unwrap_or_default();
        Failure::refused(format!("cache '{name}' has no nodes yet"))
    })
}

fn node(member: &NodeGroupMember) -> CacheNode {
    CacheNode {
        name: member.cache_cluster_id().unwrap_or_default().to_owned(),
        role: match member.current_role() {
            Some("primary") => NodeRole::Primary,
            Some("replica") => NodeRole::Replica,
            _ => NodeRole::Untold,
        },
    }
}

fn availability(status: &str) -> Availability {
    match status {
        "available" => Availability::Available,
        "create-failed" | "deleting" => Availability::DeadEnd,
        _ => Availability::Underway,
    }
}

/// `0-8191`; more than one range after resharding, of which the first will do.
fn slots(shard: &NodeGroup) -> Slots {
    let first = shard.slots()?.split(',').next()?;
    let (from, to) = first.split_once('-').unwrap_or((first, first));
    Some((from.trim().parse().ok()?, to.trim().parse().ok()?))
}

/// What happened to the group and its nodes, but not to other shards.
fn trail(events: &[Event], group: &ReplicationGroup, shard: &NodeGroup) -> Vec<Told> {
    let id = shard.node_group_id().unwrap_or_default();
    let of_shard = |event: &Event| {
        let message = event.message().unwrap_or_default();
        !message.contains("Test Failover API") || message.split_whitespace().any(|word| word == id)
    };
    let names = || shard.node_group_members().iter();
    let is_ours = |event: &Event| {
        let source = event.source_identifier();
        source == group.replication_group_id()
            || names().any(|member| member.cache_cluster_id() == source)
    };
    let ours = events
        .iter()
        .filter(|event| is_ours(event) && of_shard(event));
    let told = ours.filter_map(events::told);
    let is_member = |name: &str| names().any(|it| it.cache_cluster_id() == Some(name));
    let told = told.filter(|told| match &told.what {
        Happened::FailedOver { from, .. } => is_member(from),
        _ => true,
    });
    let mut all: Vec<Told> = told.collect();
    all.sort_by_key(|told| told.at);
    all
}

fn standing(group: &ReplicationGroup, shard: &NodeGroup, trail: &[Told]) -> Standing {
    let nodes: Vec<CacheNode> = shard.node_group_members().iter().map(node).collect();
    let primary = nodes.iter().find(|node| node.role == NodeRole::Primary);
    let status = group.status().unwrap_or_default();
    let calls = trail.iter().filter(|told| told.what == Happened::Called);
    let on = group.automatic_failover() == Some(&AutomaticFailoverStatus::Enabled);
    Standing {
        instance: group.replication_group_id().unwrap_or_default().to_owned(),
        status: status.to_owned(),
        availability: availability(status),
        has_standby: on && nodes.len() > 1,
        zone: primary.map_or_else(String::new, |node| node.name.clone()),
        failed_over_at: calls.map(|told| told.at).max(),
    }
}

#[async_trait]
impl Standby for ElastiCacheGroup {
    async fn look(&self) -> Result<Standing> {
        Ok(self.look_closely().await?.standing)
    }

    async fn fail_over(&self, permit: &Permit<'_>, instance: &str) -> Result<FailoverAsked> {
        let client = self.client().await?;
        let group = self.group(&client).await?;
        let shard = shard(&group)?.node_group_id().unwrap_or_default();
        // A second attempt of the SDK's could come after the first one's failover is over.
        let once =
            aws_sdk_elasticache::config::Builder::new().retry_config(RetryConfig::disabled());
        permit.check()?;
        let sent = client
            .test_failover()
            .replication_group_id(instance)
            .node_group_id(shard)
            .customize()
            .config_override(once)
            .send()
            .await;
        Ok(asked(
            sent,
            format!("cache '{instance}' does not fail over"),
        ))
    }
}

#[async_trait]
impl CacheGroup for ElastiCacheGroup {
    async fn look_closely(&self) -> Result<CacheLook> {
        let client = self.client().await?;
        let events = self.events(&client, FOURTEEN_DAYS).await?;
        let group = self.group(&client).await?;
        let shard = shard(&group)?;
        let trail = trail(&events, &group, shard);
        Ok(CacheLook {
            standing: standing(&group, shard, &trail),
            shard: shard.node_group_id().unwrap_or_default().to_owned(),
            shards: group.node_groups().len(),
            slots: slots(shard),
            nodes: shard.node_group_members().iter().map(node).collect(),
            trail,
        })
    }

    async fn tested_today(&self) -> Result<Vec<Timestamp>> {
        let client = self.client().await?;
        let events = self.events(&client, A_DAY).await?;
        let told = events.iter().filter_map(events::told);
        let calls = told.filter(|told| told.what == Happened::Called);
        let mut moments: Vec<Timestamp> = calls.map(|told| told.at).collect();
        moments.sort();
        Ok(moments)
    }
}
