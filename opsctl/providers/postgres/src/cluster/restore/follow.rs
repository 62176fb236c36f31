//! From a database that serves to a folder that follows it: a base backup, put in place as a standby.

use std::fs;

use opsctl_core::{
    Result,
    clock::Timestamp,
    names::{LineageId, OperationId, ScratchName},
};

use super::fetch::{boot, claim};
use crate::cluster::{
    backup,
    durable::{self, At},
    local::LocalPostgres,
    parallel::Meter,
    record::{ClusterRecord, CopyRecord, RecoveryStop},
};

/// Which replica is wanted.
#[derive(Debug, Clone)]
pub struct FollowRequest {
    /// Its name.
    pub name: ScratchName,
    /// The operation that makes it.
    pub owner: OperationId,
    /// The line of history that it follows.
    pub source: LineageId,
    /// When it may be reaped.
    pub expires_at: Timestamp,
}

/// Puts the files in place. Blocks: run it aside.
pub(super) fn follow(
    local: &LocalPostgres,
    request: &FollowRequest,
    meter: Meter<'_>,
) -> Result<ClusterRecord> {
    let account = local.account()?;
    let source = local.record(request.source)?;
    let from = local.layout.cluster(request.source);
    let record = describe(request, &from.connection_text(&source));
    let folder = claim(local, &account, &record)?;
    let building = folder.path().join("building");
    account.create_folder(&building)?;
    backup::copy(
        &account,
        &local.binaries,
        (&from, &source),
        &building,
        meter,
    )?;
    let signal = building.join("data/standby.signal");
    fs::write(&signal, "").at("write", &signal)?;
    account.own(&signal)?;
    // Whole from here on, as far as anybody sees.
    let data = folder.data();
    fs::rename(building.join("data"), &data).at("put in place", &data)?;
    durable::remove_folder(&building)?;
    Ok(record)
}

fn describe(request: &FollowRequest, source: &str) -> ClusterRecord {
    let copy = CopyRecord {
        name: request.name.clone(),
        owner: request.owner.clone(),
        expires_at: request.expires_at,
        target: None,
        source: request.source,
        recovered_to: Timestamp(time::OffsetDateTime::now_utc()),
        stop: RecoveryStop::Never {
            source: source.to_owned(),
        },
        source_timeline: 0,
        boot: boot(),
        served: false,
        paused_at: None,
        caught_up: None,
        promotion: None,
    };
    ClusterRecord::copy(LineageId(uuid::Uuid::new_v4()), copy)
}
