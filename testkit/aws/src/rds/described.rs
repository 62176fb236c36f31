//! Instances and snapshots as they are told to clients.

use super::{
    instance::{Apply, Change, Instance},
    settings::{ENGINE, Settings},
    snapshot::Snapshot,
    state::State,
    tags,
};
use crate::{clock::written, endpoint::Elements};

const PORT: u16 = 5432;

pub(super) fn instance(state: &State, instance: &Instance) -> Elements {
    let settings = &instance.settings;
    let id = &instance.id;
    let replicas: Vec<String> = state
        .instances
        .values()
        .filter(|other| other.follows.as_ref() == Some(id))
        .map(|other| match other.id.home == id.home {
            true => other.id.name.clone(),
            false => other.id.arn("db"),
        })
        .collect();
    let source = instance.follows.as_ref();
    let source = source.map(|source| match source.home == id.home {
        true => source.name.clone(),
        false => source.arn("db"),
    });
    let told = Elements::new()
        .text("DBInstanceIdentifier", &id.name)
        .text("DBInstanceArn", id.arn("db"))
        .text("DbiResourceId", &instance.resource_id)
        .text("DBInstanceStatus", instance.status())
        .text("Engine", ENGINE)
        .optional("InstanceCreateTime", instance.created_at.map(written))
        .optional(
            "LatestRestorableTime",
            instance.latest_restorable.map(written),
        )
        .words(
            "ReadReplicaDBInstanceIdentifiers",
            "ReadReplicaDBInstanceIdentifier",
            &replicas,
        )
        .optional("ReadReplicaSourceDBInstanceIdentifier", source);
    let told = match settings.multi_az && instance.created_at.is_some() {
        true => told.text("SecondaryAvailabilityZone", zone(instance, 'c')),
        false => told,
    };
    let told = of_settings(told, settings)
        .text("AvailabilityZone", zone(instance, instance.zone))
        .inside("PendingModifiedValues", pending(instance))
        .inside("TagList", tags::told(&instance.tags));
    let told = groups(told, instance);
    // Only what was there once has an address.
    match instance.created_at {
        None => told,
        Some(_) => told.inside(
            "Endpoint",
            Elements::new()
                .text("Address", instance.relay.host())
                .text("Port", instance.relay.port())
                .text("HostedZoneId", "ZTESTKIT"),
        ),
    }
}

fn zone(instance: &Instance, letter: char) -> String {
    format!("{}{letter}", instance.id.home.region)
}

fn of_settings(told: Elements, settings: &Settings) -> Elements {
    told.text("DBInstanceClass", &settings.class)
        .text("AllocatedStorage", settings.storage_gb)
        .text("StorageType", &settings.storage_type)
        .optional("Iops", settings.iops)
        .text("MultiAZ", settings.multi_az)
        .text("DeletionProtection", settings.deletion_protection)
        .text("BackupRetentionPeriod", settings.retention_days)
        .text("PreferredBackupWindow", &settings.backup_window)
        .text("PreferredMaintenanceWindow", &settings.maintenance_window)
        .text("PubliclyAccessible", settings.publicly_accessible)
        .text("CopyTagsToSnapshot", settings.copy_tags_to_snapshot)
        .text("AutoMinorVersionUpgrade", settings.auto_minor_upgrade)
        .text(
            "IAMDatabaseAuthenticationEnabled",
            settings.iam_authentication,
        )
        .text("MonitoringInterval", settings.monitoring_interval)
        .words(
            "EnabledCloudwatchLogsExports",
            "member",
            &settings.log_exports,
        )
        .text("StorageEncrypted", settings.kms_key.is_some())
        .optional("KmsKeyId", settings.kms_key.as_ref())
        .text("CACertificateIdentifier", &settings.ca)
        .text("EngineVersion", &settings.engine_version)
        .text("MasterUsername", &settings.master)
        .optional("DBName", settings.database.as_ref())
        .text("LicenseModel", "postgresql-license")
}

fn groups(told: Elements, instance: &Instance) -> Elements {
    let settings = &instance.settings;
    let apply = match instance.apply {
        Apply::InSync => "in-sync",
        Apply::PendingReboot => "pending-reboot",
    };
    let parameters = Elements::new()
        .text("DBParameterGroupName", &settings.parameter_group)
        .text("ParameterApplyStatus", apply);
    let options = Elements::new()
        .text("OptionGroupName", &settings.option_group)
        .text("Status", "in-sync");
    let subnets = Elements::new()
        .text("DBSubnetGroupName", &settings.subnet_group)
        .text("VpcId", "vpc-testkit")
        .text("SubnetGroupStatus", "Complete");
    let security = settings.security_groups.iter().map(|group| {
        Elements::new()
            .text("VpcSecurityGroupId", group)
            .text("Status", "active")
    });
    told.list("DBParameterGroups", "DBParameterGroup", [parameters])
        .list("OptionGroupMemberships", "OptionGroupMembership", [options])
        .list("VpcSecurityGroups", "VpcSecurityGroupMembership", security)
        .inside("DBSubnetGroup", subnets)
}

/// What waits, as far as it differs.
fn pending(instance: &Instance) -> Elements {
    let Some(Change {
        settings,
        new_name,
        password,
    }) = &instance.pending
    else {
        return Elements::new();
    };
    let now = &instance.settings;
    let class = (settings.class != now.class).then_some(&settings.class);
    let storage = (settings.storage_gb != now.storage_gb).then_some(settings.storage_gb);
    let multi_az = (settings.multi_az != now.multi_az).then_some(settings.multi_az);
    let days = settings.retention_days;
    let days = (days != now.retention_days).then_some(days);
    Elements::new()
        .optional("DBInstanceClass", class)
        .optional("AllocatedStorage", storage)
        .optional("MultiAZ", multi_az)
        .optional("BackupRetentionPeriod", days)
        .optional("DBInstanceIdentifier", new_name.as_ref())
        .optional("MasterUserPassword", password.as_ref().map(|_| "****"))
}

pub(super) fn snapshot(state: &State, snapshot: &Snapshot) -> Elements {
    let settings = &snapshot.settings;
    let origin = snapshot.origin.as_ref();
    Elements::new()
        .text("DBSnapshotIdentifier", &snapshot.id.name)
        .text("DBSnapshotArn", snapshot.id.arn("snapshot"))
        .text("DBInstanceIdentifier", &snapshot.instance)
        .text("DbiResourceId", &snapshot.resource_id)
        .text("SnapshotType", snapshot.kind.as_str())
        .text("Status", snapshot.status())
        .text("PercentProgress", snapshot.percent(state.now()))
        .optional("SnapshotCreateTime", snapshot.created_at.map(written))
        .optional(
            "OriginalSnapshotCreateTime",
            snapshot.first_created_at.map(written),
        )
        .optional("SnapshotDatabaseTime", snapshot.data_at.map(written))
        .optional(
            "InstanceCreateTime",
            snapshot.instance_created_at.map(written),
        )
        .text("Engine", ENGINE)
        .text("EngineVersion", &settings.engine_version)
        .text("AllocatedStorage", settings.storage_gb)
        .text("StorageType", &settings.storage_type)
        .optional("Iops", settings.iops)
        .text("Port", PORT)
        .text("MasterUsername", &settings.master)
        .text("LicenseModel", "postgresql-license")
        .text("OptionGroupName", &settings.option_group)
        .text("AvailabilityZone", format!("{}a", snapshot.id.home.region))
        .text("Encrypted", settings.kms_key.is_some())
        .optional("KmsKeyId", settings.kms_key.as_ref())
        .optional("SourceRegion", origin.map(|origin| &origin.region))
        .optional(
            "SourceDBSnapshotIdentifier",
            origin.map(|origin| &origin.arn),
        )
        .text("SnapshotTarget", "region")
        .inside("TagList", tags::told(&snapshot.tags))
}
