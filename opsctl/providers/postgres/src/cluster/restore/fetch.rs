//! From a backup to a folder that a server can recover from.

use std::{
    fs,
    path::Path,
    time::{Duration, SystemTime},
};

use opsctl_core::{
    Failure, Result,
    clock::Timestamp,
    names::{LineageId, OperationId, ScratchName},
    ports::RecoveryTarget,
};

use super::{Reach, files};
use crate::cluster::{
    account::Account,
    backup::Stored,
    configuration,
    durable::{self, At},
    init::UNFINISHED,
    layout::ClusterFolder,
    local::LocalPostgres,
    parallel::Meter,
    record::{ClusterRecord, CopyRecord, RecoveryStop},
};

/// Which copy is wanted.
#[derive(Debug, Clone)]
pub struct FetchRequest {
    /// Its name.
    pub name: ScratchName,
    /// The operation that makes it.
    pub owner: OperationId,
    /// How far to recover.
    pub target: RecoveryTarget,
    /// When it may be reaped.
    pub expires_at: Timestamp,
}

/// Puts the files in place. Blocks: run it aside.
pub(super) fn fetch(local: &LocalPostgres, request: &FetchRequest, meter: Meter<'_>) -> Result<()> {
    let account = local.account()?;
    let stored = Stored::require(&local.layout, request.target.backup())?;
    must_match(local, &stored)?;
    let (log, stop) = match &request.target {
        RecoveryTarget::Backup { .. } => (Vec::new(), RecoveryStop::Consistent),
        RecoveryTarget::Time { to, .. } => Reach::of(local, &stored.known)?
            .ok_or_else(|| no_log(&stored))?
            .for_time(&account, local, *to)?,
    };
    let record = describe(request, &stored, stop);
    let folder = claim(local, &account, &record)?;
    let data = folder.data();
    let more = log.len() as u64 * stored.known.segment_size;
    files::copy(&account, &stored, &data, more, meter)?;
    let archive = local.layout.archive(stored.known.record.lineage_id);
    files::copy_log(&account, &archive, &log, &data, &|_, _| ())?;
    configuration::write(&account, &folder, &record, (&local.archiving, &archive))?;
    let signal = data.join("recovery.signal");
    fs::write(&signal, "").at("write", &signal)?;
    account.own(&signal)?;
    files::complete(&data)
}

fn must_match(local: &LocalPostgres, stored: &Stored) -> Result<()> {
    let taken_with = &stored.known.record.engine_version;
    let ours = local.binaries.version();
    if taken_with.split('.').next() == Some(ours.major.to_string().as_str()) {
        return Ok(());
    }
    Err(Failure::refused(format!(
        "backup {} is of PostgreSQL {taken_with}; the programs here are {ours}",
        stored.known.record.id
    ))
    .hint("set PG_BIN to the programs of that version"))
}

fn no_log(stored: &Stored) -> Failure {
    let known = &stored.known;
    let segment = known.last_segment().map(|name| name.to_string());
    Failure::refused(format!(
        "backup {} has no archived log: only its own moment can be restored",
        known.record.id
    ))
    .cause(format!(
        "segment {} is not in the archive",
        segment.unwrap_or_default()
    ))
    .left("nothing was changed")
    .hint(format!("opsctl restore --backup {}", known.record.id))
}

fn describe(request: &FetchRequest, stored: &Stored, stop: RecoveryStop) -> ClusterRecord {
    let known = &stored.known.record;
    let recovered_to = match &request.target {
        RecoveryTarget::Backup { .. } => known.recovery_point.taken_at,
        RecoveryTarget::Time { to, .. } => *to,
    };
    let copy = CopyRecord {
        name: request.name.clone(),
        owner: request.owner.clone(),
        expires_at: request.expires_at,
        target: Some(request.target.clone()),
        source: known.lineage_id,
        recovered_to,
        stop,
        source_timeline: stored.known.wal.timeline,
        boot: boot(),
        served: false,
        paused_at: None,
        caught_up: None,
        promotion: None,
    };
    ClusterRecord::copy(LineageId(uuid::Uuid::new_v4()), copy)
}

/// Makes the folder with its record appear as one, so that there is never a folder that nobody owns.
pub(super) fn claim(
    local: &LocalPostgres,
    account: &Account,
    record: &ClusterRecord,
) -> Result<ClusterFolder> {
    let clusters = local.layout.clusters();
    account.create_folder(&clusters)?;
    clear_unclaimed(&clusters)?;
    let building = clusters.join(format!("{UNFINISHED}{}", record.lineage_id));
    account.create_folder(&building)?;
    record.write(account, &ClusterFolder::new(building.clone()))?;
    let folder = local.layout.cluster(record.lineage_id);
    fs::rename(&building, folder.path()).at("put in place", folder.path())?;
    durable::sync_folder(&clusters)?;
    Ok(folder)
}

/// Removes what was begun long ago and never got its name.
fn clear_unclaimed(clusters: &Path) -> Result<()> {
    let long_ago = SystemTime::now() - Duration::from_secs(3600);
    for entry in fs::read_dir(clusters).at("read", clusters)?.flatten() {
        let begun = entry.metadata().and_then(|found| found.modified());
        if entry.file_name().to_string_lossy().starts_with(UNFINISHED)
            && begun.is_ok_and(|begun| begun < long_ago)
        {
            durable::remove_folder(&entry.path())?;
        }
    }
    Ok(())
}

/// Names this run of the machine. A copy's files are not synced: after a loss of power they prove nothing.
pub(super) fn boot() -> String {
    fs::read_to_string("/proc/sys/kernel/random/boot_id")
        .map(|id| id.trim().to_owned())
        .unwrap_or_default()
}
