//! What is reproduced of ECR, and the parameters that each action honours.

use serde_json::Value;

use super::{images, lifecycle, replication, repositories, state::State, tokens};
use crate::endpoint::{Action, Asked, Refusal};

type Run = fn(&mut State, &Asked) -> Result<Value, Refusal>;

const fn action(
    name: &'static str,
    honours: &'static [&'static str],
    run: Run,
) -> Action<State, Value> {
    Action { name, honours, run }
}

pub(super) const ACTIONS: &[Action<State, Value>] = &[
    action(
        "BatchGetImage",
        &["registryId", "repositoryName", "imageIds"],
        images::get,
    ),
    action("CreateRepository", CREATE, repositories::create),
    action(
        "DescribeImages",
        &["registryId", "repositoryName", "imageIds"],
        images::describe,
    ),
    action("DescribeRegistry", &[], replication::describe),
    action(
        "DescribeRepositories",
        &["registryId", "repositoryNames"],
        repositories::describe,
    ),
    action("GetAuthorizationToken", &[], tokens::give),
    action(
        "GetLifecyclePolicy",
        &["registryId", "repositoryName"],
        lifecycle::get,
    ),
    action(
        "PutLifecyclePolicy",
        &["registryId", "repositoryName", "lifecyclePolicyText"],
        lifecycle::put,
    ),
    action(
        "PutReplicationConfiguration",
        &["replicationConfiguration"],
        replication::put,
    ),
];

const CREATE: &[&str] = &[
    "repositoryName",
    "imageTagMutability",
    "imageTagMutabilityExclusionFilters",
];
