//! What is reproduced of Secrets Manager, and the parameters that each action honours.

use serde_json::Value;

use super::{front::Held, lifetime, replicas, stages, values};
use crate::endpoint::{Action, Asked, Refusal};

type Run = fn(&mut Held, &Asked) -> Result<Value, Refusal>;

const fn action(
    name: &'static str,
    honours: &'static [&'static str],
    run: Run,
) -> Action<Held, Value> {
    Action { name, honours, run }
}

pub(super) const ACTIONS: &[Action<Held, Value>] = &[
    action("CreateSecret", CREATE, lifetime::create),
    action("DeleteSecret", DELETE, lifetime::delete),
    action("DescribeSecret", &["SecretId"], lifetime::describe),
    action(
        "GetSecretValue",
        &["SecretId", "VersionId", "VersionStage"],
        values::get,
    ),
    action(
        "ListSecretVersionIds",
        &["SecretId", "IncludeDeprecated"],
        stages::list,
    ),
    action("ListSecrets", &["IncludePlannedDeletion"], lifetime::list),
    action("PutSecretValue", PUT, values::put),
    action(
        "RemoveRegionsFromReplication",
        &["SecretId", "RemoveReplicaRegions"],
        replicas::remove,
    ),
    action("ReplicateSecretToRegions", REPLICATE, replicas::add),
    action("RestoreSecret", &["SecretId"], lifetime::restore),
    action("StopReplicationToReplica", &["SecretId"], replicas::stop),
    action("TagResource", &["SecretId", "Tags"], lifetime::tag),
    action("UntagResource", &["SecretId", "TagKeys"], lifetime::untag),
    action("UpdateSecretVersionStage", STAGE, stages::update),
];

const CREATE: &[&str] = &[
    "Name",
    "ClientRequestToken",
    "Description",
    "KmsKeyId",
    "SecretBinary",
    "SecretString",
    "Tags",
];
const DELETE: &[&str] = &[
    "SecretId",
    "RecoveryWindowInDays",
    "ForceDeleteWithoutRecovery",
];
const PUT: &[&str] = &[
    "SecretId",
    "ClientRequestToken",
    "SecretBinary",
    "SecretString",
    "VersionStages",
];
const REPLICATE: &[&str] = &[
    "SecretId",
    "AddReplicaRegions",
    "ForceOverwriteReplicaSecret",
];
const STAGE: &[&str] = &[
    "SecretId",
    "VersionStage",
    "RemoveFromVersionId",
    "MoveToVersionId",
];
