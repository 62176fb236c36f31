//! What is reproduced of RDS: every action, and the parameters that it honours.

use super::{
    automated, change, copy, create, delete, described, events, groups, paging, reboot, refusals,
    replica, restore, snapshots,
    state::{Id, State},
    subnets, tags,
};
use crate::endpoint::{Action, Asked, Elements, Refusal};

type Run = fn(&mut State, &Asked) -> Result<Elements, Refusal>;

const fn action(
    name: &'static str,
    honours: &'static [&'static str],
    run: Run,
) -> Action<State, Elements> {
    Action { name, honours, run }
}

/// In the order of the API's reference.
pub(super) const ACTIONS: &[Action<State, Elements>] = &[
    action("AddTagsToResource", &["ResourceName", "Tags"], tags::add),
    action("CopyDBSnapshot", COPY, copy::copy),
    action("CreateDBInstance", CREATE, create::create),
    action("CreateDBInstanceReadReplica", REPLICA, replica::create),
    action("CreateDBParameterGroup", GROUP, groups::create),
    action(
        "CreateDBSnapshot",
        &["DBSnapshotIdentifier", "DBInstanceIdentifier", "Tags"],
        snapshots::create,
    ),
    action("DeleteDBInstance", DELETE, delete::delete),
    action(
        "DeleteDBInstanceAutomatedBackup",
        &["DbiResourceId"],
        automated::delete,
    ),
    action(
        "DeleteDBParameterGroup",
        &["DBParameterGroupName"],
        groups::delete,
    ),
    action(
        "DeleteDBSnapshot",
        &["DBSnapshotIdentifier"],
        snapshots::delete,
    ),
    action(
        "DescribeDBInstanceAutomatedBackups",
        AUTOMATED,
        automated::describe,
    ),
    action(
        "DescribeDBInstances",
        &["DBInstanceIdentifier", "MaxRecords", "Marker"],
        describe_instances,
    ),
    action(
        "DescribeDBParameterGroups",
        &["DBParameterGroupName", "MaxRecords", "Marker"],
        groups::describe,
    ),
    action(
        "DescribeDBParameters",
        &["DBParameterGroupName", "Source", "MaxRecords", "Marker"],
        groups::parameters,
    ),
    action("DescribeDBSnapshots", SNAPSHOTS, snapshots::describe),
    action(
        "DescribeDBSubnetGroups",
        &["DBSubnetGroupName", "MaxRecords", "Marker"],
        subnets::describe,
    ),
    action("DescribeEvents", EVENTS, events::describe),
    action("ListTagsForResource", &["ResourceName"], tags::list),
    action("ModifyDBInstance", MODIFY, change::modify),
    action(
        "ModifyDBParameterGroup",
        &["DBParameterGroupName", "Parameters"],
        groups::modify,
    ),
    action(
        "PromoteReadReplica",
        &["DBInstanceIdentifier", "BackupRetentionPeriod"],
        replica::promote,
    ),
    action(
        "RebootDBInstance",
        &["DBInstanceIdentifier", "ForceFailover"],
        reboot::reboot,
    ),
    action(
        "RemoveTagsFromResource",
        &["ResourceName", "TagKeys"],
        tags::remove,
    ),
    action(
        "RestoreDBInstanceFromDBSnapshot",
        RESTORE,
        restore::from_snapshot,
    ),
    action(
        "RestoreDBInstanceToPointInTime",
        POINT_IN_TIME,
        restore::to_point_in_time,
    ),
];

const AUTOMATED: &[&str] = &[
    "DBInstanceIdentifier",
    "DbiResourceId",
    "MaxRecords",
    "Marker",
];
const COPY: &[&str] = &[
    "SourceDBSnapshotIdentifier",
    "TargetDBSnapshotIdentifier",
    "KmsKeyId",
    "Tags",
    "CopyTags",
];
const DELETE: &[&str] = &[
    "DBInstanceIdentifier",
    "SkipFinalSnapshot",
    "FinalDBSnapshotIdentifier",
    "DeleteAutomatedBackups",
];
const EVENTS: &[&str] = &[
    "SourceIdentifier",
    "SourceType",
    "StartTime",
    "EndTime",
    "Duration",
    "EventCategories",
    "MaxRecords",
    "Marker",
];
const GROUP: &[&str] = &[
    "DBParameterGroupName",
    "DBParameterGroupFamily",
    "Description",
];
const SNAPSHOTS: &[&str] = &[
    "DBInstanceIdentifier",
    "DBSnapshotIdentifier",
    "DbiResourceId",
    "SnapshotType",
    "MaxRecords",
    "Marker",
];

/// What is said of an instance's settings, and more.
macro_rules! with_settings {
    ($($more:literal),* $(,)?) => {
        &[
            "AllocatedStorage", "AutoMinorVersionUpgrade", "BackupRetentionPeriod", "CACertificateIdentifier",
            "CopyTagsToSnapshot", "DBInstanceClass", "DBInstanceIdentifier", "DBParameterGroupName", "DBSubnetGroupName",
            "DeletionProtection", "EnableCloudwatchLogsExports", "EnableIAMDatabaseAuthentication", "Iops", "MultiAZ",
            "OptionGroupName", "PreferredBackupWindow", "PubliclyAccessible", "StorageType", "VpcSecurityGroupIds", $($more),*
        ]
    };
}

const CREATE: &[&str] = with_settings![
    "DBName",
    "Engine",
    "EngineVersion",
    "KmsKeyId",
    "MasterUserPassword",
    "MasterUsername",
    "MonitoringInterval",
    "PreferredMaintenanceWindow",
    "StorageEncrypted",
    "Tags",
];
const MODIFY: &[&str] = with_settings![
    "ApplyImmediately",
    "MasterUserPassword",
    "MonitoringInterval",
    "NewDBInstanceIdentifier",
    "PreferredMaintenanceWindow",
];
const REPLICA: &[&str] = with_settings![
    "KmsKeyId",
    "MonitoringInterval",
    "SourceDBInstanceIdentifier",
    "Tags"
];
const RESTORE: &[&str] = with_settings!["DBSnapshotIdentifier", "Engine", "Tags"];
const POINT_IN_TIME: &[&str] = with_settings![
    "Engine",
    "RestoreTime",
    "SourceDBInstanceIdentifier",
    "SourceDbiResourceId",
    "Tags",
    "TargetDBInstanceIdentifier",
    "UseLatestRestorableTime",
];

fn describe_instances(state: &mut State, asked: &Asked) -> Result<Elements, Refusal> {
    let said = &asked.parameters;
    let name = said.text("DBInstanceIdentifier");
    let wanted = name.map(|name| Id::named(&asked.home, name, "db"));
    let here = state.instances.values().filter(|it| {
        it.id.home == asked.home && wanted.as_ref().is_none_or(|wanted| *wanted == it.id)
    });
    let found: Vec<_> = here
        .map(|it| (it.id.name.as_str(), described::instance(state, it)))
        .collect();
    match wanted {
        Some(id) if found.is_empty() => Err(refusals::no_instance(&id.name)),
        _ => paging::answered("DBInstances", "DBInstance", found, said),
    }
}
