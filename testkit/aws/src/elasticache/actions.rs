//! What is reproduced of ElastiCache, and the parameters that each action honours.

use super::{create, described, events, failover, state::State};
use crate::endpoint::{Action, Asked, Elements, Refusal};

type Run = fn(&mut State, &Asked) -> Result<Elements, Refusal>;

const fn action(
    name: &'static str,
    honours: &'static [&'static str],
    run: Run,
) -> Action<State, Elements> {
    Action { name, honours, run }
}

pub(super) const ACTIONS: &[Action<State, Elements>] = &[
    action("CreateReplicationGroup", CREATE, create::create),
    action(
        "DeleteReplicationGroup",
        &["ReplicationGroupId"],
        create::delete,
    ),
    action("DescribeEvents", EVENTS, events::describe),
    action(
        "DescribeReplicationGroups",
        &["ReplicationGroupId", "MaxRecords", "Marker"],
        described::describe,
    ),
    action(
        "TestFailover",
        &["ReplicationGroupId", "NodeGroupId"],
        failover::test,
    ),
];

const CREATE: &[&str] = &[
    "AutomaticFailoverEnabled",
    "CacheNodeType",
    "Engine",
    "MultiAZEnabled",
    "NumCacheClusters",
    "ReplicationGroupDescription",
    "ReplicationGroupId",
];
const EVENTS: &[&str] = &[
    "Duration",
    "EndTime",
    "Marker",
    "MaxRecords",
    "SourceIdentifier",
    "SourceType",
    "StartTime",
];
