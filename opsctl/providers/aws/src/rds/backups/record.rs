//! What a snapshot knows of itself: from its description and its tags alone, wherever its instance may be.

use aws_sdk_rds::types::DbSnapshot;
use opsctl_core::names::{BackupId, EnvironmentName, InstanceId, LineageId};
use opsctl_core::ports::{BackupFault, BackupFinding, BackupRecord, Engine, RecoveryPoint};
use sha2::{Digest, Sha256};

use super::super::site::Serving;
use super::super::tags::{HEARTBEAT, SCHEMA};
use super::snapshots;
use crate::moments;

const GIB: u64 = 1 << 30;

/// What tells whose a snapshot without tags is: an instance has one line of history for life.
pub(in super::super) struct Known {
    environment: EnvironmentName,
    serving: Option<(String, InstanceId, LineageId)>,
}

impl Known {
    pub fn of(environment: &EnvironmentName, serving: Option<&Serving>) -> Self {
        let serving = serving.map(|it| {
            let resource = it.instance.dbi_resource_id().unwrap_or_default().to_owned();
            (
                resource,
                it.descriptor.instance_id,
                it.descriptor.lineage_id,
            )
        });
        Self {
            environment: environment.clone(),
            serving,
        }
    }

    /// Whether it is a backup of the environment at all: an account may hold others.
    pub fn owns(&self, snapshot: &DbSnapshot) -> bool {
        snapshots::tags(snapshot).is_of(&self.environment) || self.of_serving(snapshot).is_some()
    }

    fn of_serving(&self, snapshot: &DbSnapshot) -> Option<(InstanceId, LineageId)> {
        let (resource, instance, lineage) = self.serving.as_ref()?;
        (snapshot.dbi_resource_id() == Some(resource)).then_some((*instance, *lineage))
    }

    /// The record of a snapshot, or what keeps it from having one.
    pub fn record(&self, snapshot: &DbSnapshot) -> Result<BackupRecord, BackupFinding> {
        let unreadable = |file: &str, detail: String| BackupFinding {
            fault: BackupFault::Record,
            file: file.to_owned(),
            detail,
        };
        let id = snapshots::backup(snapshot)
            .ok_or_else(|| unreadable("name", "its name can't be a backup's".into()))?;
        let status = snapshots::status(snapshot);
        if status != "available" {
            return Err(unreadable(
                "status",
                format!("RDS says that it is {status}"),
            ));
        }
        let tags = snapshots::tags(snapshot);
        let tagged = tags.instance().zip(tags.lineage());
        let (instance_id, lineage_id) = self
            .of_serving(snapshot)
            .or(tagged)
            .ok_or_else(|| unreadable("tags", "they don't say whose backup it is".into()))?;
        let completed = moments::told(snapshot.original_snapshot_create_time())
            .or_else(|| moments::told(snapshot.snapshot_create_time()))
            .ok_or_else(|| unreadable("times", "RDS does not say when it was taken".into()))?;
        let taken_at = moments::told(snapshot.snapshot_database_time()).unwrap_or(completed);
        let gigabytes = u64::try_from(snapshot.allocated_storage().unwrap_or_default());
        Ok(BackupRecord {
            manifest_sha256: fingerprint(snapshot, &id),
            id,
            engine: Engine::Postgres,
            recovery_point: RecoveryPoint {
                taken_at,
                newest_heartbeat: tags.moment(HEARTBEAT),
            },
            completed_at: completed.max(taken_at),
            size_bytes: gigabytes.unwrap_or_default() * GIB,
            schema_version: tags.parsed(SCHEMA),
            instance_id,
            lineage_id,
            engine_version: snapshot.engine_version().unwrap_or_default().to_owned(),
        })
    }
}

/// RDS shows no files to take a sum of. What never changes of a snapshot tells it from another one of the same name.
fn fingerprint(snapshot: &DbSnapshot, id: &BackupId) -> String {
    let moment = moments::told(snapshot.original_snapshot_create_time());
    let parts = [
        snapshot.db_snapshot_arn().unwrap_or_default().to_owned(),
        snapshot.dbi_resource_id().unwrap_or_default().to_owned(),
        moment.map(|moment| moment.to_string()).unwrap_or_default(),
        id.to_string(),
    ];
    hex::encode(Sha256::digest(parts.join("\n")))
}
