//! Groups as answers tell of them.

use super::{
    group::{Group, Member, SHARD},
    nodes::locked,
    state::State,
};
use crate::{
    clock::written,
    endpoint::{Asked, Elements, Refusal},
    paging,
    relay::Relay,
};

pub(super) fn describe(state: &mut State, asked: &Asked) -> Result<Elements, Refusal> {
    let said = &asked.parameters;
    let named = match said.text("ReplicationGroupId") {
        Some(_) => Some(state.group(asked)?.id.clone()),
        None => None,
    };
    let groups = state.groups.values().filter(|group| match &named {
        Some(id) => group.id == *id,
        None => group.id.0 == asked.home,
    });
    let members = groups.map(|it| (it.id.1.as_str(), group(it)));
    paging::answered(
        "ReplicationGroups",
        "ReplicationGroup",
        members.collect(),
        said,
    )
}

pub(super) fn group(group: &Group) -> Elements {
    let settings = &group.settings;
    let names: Vec<String> = group.members.iter().map(|it| it.name.clone()).collect();
    let enabled = |on: bool| if on { "enabled" } else { "disabled" };
    Elements::new()
        .text("ReplicationGroupId", &group.id.1)
        .text("Description", &settings.description)
        .text("Status", group.status())
        .words("MemberClusters", "ClusterId", &names)
        .list("NodeGroups", "NodeGroup", shard(group))
        .text("AutomaticFailover", enabled(settings.automatic_failover))
        .text("MultiAZ", enabled(settings.multi_az))
        .text("ClusterEnabled", false)
        .text("CacheNodeType", &settings.node_type)
        .text("TransitEncryptionEnabled", false)
        .text("AtRestEncryptionEnabled", false)
        .text("ARN", group.arn())
        .text("ReplicationGroupCreateTime", written(group.created_at))
        .text("Engine", &settings.engine)
}

/// None before the servers are there, as on AWS.
fn shard(group: &Group) -> Option<Elements> {
    let primary = locked(group.nodes.as_ref()?).primary();
    let members = group
        .members
        .iter()
        .enumerate()
        .map(|(number, it)| member(group, it, number == primary));
    let told = Elements::new()
        .text("NodeGroupId", SHARD)
        .text("Status", group.status())
        .inside("PrimaryEndpoint", address(&group.primary))
        .inside("ReaderEndpoint", address(&group.reader))
        .list("NodeGroupMembers", "NodeGroupMember", members);
    Some(told)
}

fn member(group: &Group, member: &Member, is_primary: bool) -> Elements {
    let zone = format!("{}{}", group.id.0.region, member.zone);
    Elements::new()
        .text("CacheClusterId", &member.name)
        .text("CacheNodeId", "0001")
        .inside("ReadEndpoint", address(&member.relay))
        .text("PreferredAvailabilityZone", zone)
        .text(
            "CurrentRole",
            if is_primary { "primary" } else { "replica" },
        )
}

fn address(relay: &Relay) -> Elements {
    Elements::new()
        .text("Address", relay.host())
        .text("Port", relay.port())
}
