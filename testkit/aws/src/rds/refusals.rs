//! The refusals of RDS, under the codes that go over the wire.

use crate::endpoint::Refusal;

pub(super) fn no_instance(name: &str) -> Refusal {
    Refusal::not_found(
        "DBInstanceNotFound",
        format!("DBInstance {name} not found."),
    )
}

pub(super) fn instance_exists(name: &str) -> Refusal {
    Refusal::new(
        "DBInstanceAlreadyExists",
        format!("DB instance already exists: {name}"),
    )
}

pub(super) fn wrong_state(name: &str, status: &str) -> Refusal {
    let message = format!("Instance {name} is not in available state: it is {status}.");
    Refusal::new("InvalidDBInstanceState", message)
}

pub(super) fn no_snapshot(name: &str) -> Refusal {
    Refusal::not_found(
        "DBSnapshotNotFound",
        format!("DBSnapshot {name} not found."),
    )
}

pub(super) fn snapshot_exists(name: &str) -> Refusal {
    let message = format!(
        "Cannot create the snapshot because a snapshot with the identifier {name} already exists."
    );
    Refusal::new("DBSnapshotAlreadyExists", message)
}

pub(super) fn wrong_snapshot_state(name: &str, status: &str) -> Refusal {
    let message = format!("The snapshot {name} is not in available state: it is {status}.");
    Refusal::new("InvalidDBSnapshotState", message)
}

pub(super) fn no_parameter_group(name: &str) -> Refusal {
    Refusal::not_found(
        "DBParameterGroupNotFound",
        format!("DBParameterGroup not found: {name}"),
    )
}

pub(super) fn no_subnet_group(name: &str) -> Refusal {
    let message = format!("DB subnet group '{name}' does not exist.");
    Refusal::not_found("DBSubnetGroupNotFoundFault", message)
}

pub(super) fn key_out_of_reach(key: &str) -> Refusal {
    let message = format!(
        "The specified KMS key [{key}] does not exist, is not enabled or you do not have permissions to access it."
    );
    Refusal::new("KMSKeyNotAccessibleFault", message)
}

pub(super) fn combination(message: impl Into<String>) -> Refusal {
    Refusal::new("InvalidParameterCombination", message)
}

pub(super) fn value(message: impl Into<String>) -> Refusal {
    Refusal::new("InvalidParameterValue", message)
}
