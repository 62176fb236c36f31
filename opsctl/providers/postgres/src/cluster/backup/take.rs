//! Taking a base backup with `pg_basebackup`.
//!
//! It is built beside its place and moved there when its record is written, so that a run that was killed
//! leaves nothing that looks like a backup.

use std::{
    fs,
    path::Path,
    time::{Duration, SystemTime},
};

use opsctl_core::{
    Failure, Result,
    clock::Timestamp,
    names::{BackupId, InstanceId, LineageId},
    ports::{BackupRecord, Engine, RecoveryPoint},
};

use super::{
    manifest::{Manifest, ManifestFile, hex_digest},
    stored::{MANIFEST, StoredBackup, seal},
};
use crate::cluster::{
    account::Account,
    archive::{newest_commit, segment_size_in},
    binaries::Binaries,
    child::Program,
    durable::{self, At},
    layout::{ADMINISTRATOR, ClusterFolder, Layout},
    parallel::{self, Meter},
    record::ClusterRecord,
};

/// The prefix of backups that are being taken.
const UNFINISHED: &str = ".taking-";

/// The prefix of backups that are being deleted.
pub(super) const DOOMED: &str = ".deleting-";

/// What the database said of itself right before the backup.
#[derive(Debug, Clone)]
pub(crate) struct BackupRequest {
    pub id: BackupId,
    /// The database's clock: everything committed before is in the backup.
    pub clock: Timestamp,
    pub newest_heartbeat: Option<Timestamp>,
    pub schema_version: Option<i64>,
    pub instance_id: InstanceId,
    pub lineage_id: LineageId,
    pub engine_version: String,
}

/// Takes the backup that `request` names. Blocks: run it aside.
pub(crate) fn take(
    account: &Account,
    binaries: &Binaries,
    layout: &Layout,
    (request, source): (&BackupRequest, &ClusterRecord),
    meter: Meter<'_>,
) -> Result<StoredBackup> {
    account.create_folder(&layout.backups())?;
    clear_leftovers(layout, &request.id)?;
    let building = building(layout, &request.id);
    account.create_folder(&building)?;
    let result = copy(
        account,
        binaries,
        (&layout.cluster(source.lineage_id), source),
        &building,
        meter,
    )
    .and_then(|()| describe(account, binaries, &building, request))
    .and_then(|known| seal(account, &building, &known).map(|()| known));
    if result.is_err() {
        // A disk that is full must not stay full for the sake of half a backup.
        let _ = durable::remove_folder(&building);
    }
    let known = result?;
    let place = layout.backup(&request.id);
    fs::rename(&building, &place).at("put in place", &place)?;
    durable::sync_folder(&layout.backups())?;
    Ok(known)
}

/// Removes what dead runs left: of this backup, of deletions, and of backups that nobody finished for a day.
fn clear_leftovers(layout: &Layout, id: &BackupId) -> Result<()> {
    durable::remove_folder(&building(layout, id))?;
    let long_ago = SystemTime::now() - Duration::from_secs(24 * 3600);
    for entry in fs::read_dir(layout.backups())
        .at("read", &layout.backups())?
        .flatten()
    {
        let name = entry.file_name().to_string_lossy().into_owned();
        let begun = entry.metadata().and_then(|found| found.modified());
        let forgotten = name.starts_with(UNFINISHED) && begun.is_ok_and(|begun| begun < long_ago);
        if forgotten || name.starts_with(DOOMED) {
            durable::remove_folder(&entry.path())?;
        }
    }
    Ok(())
}

/// Whether a run died while it took this backup.
#[must_use]
pub fn is_unfinished(layout: &Layout, id: &BackupId) -> bool {
    building(layout, id).exists()
}

fn building(layout: &Layout, id: &BackupId) -> std::path::PathBuf {
    layout.backups().join(format!("{UNFINISHED}{id}"))
}

/// Copies a running server's files to `building/data`. Blocks: run it aside.
pub(crate) fn copy(
    account: &Account,
    binaries: &Binaries,
    (source, record): (&ClusterFolder, &ClusterRecord),
    building: &Path,
    meter: Meter<'_>,
) -> Result<()> {
    let program = Program::new(binaries.program("pg_basebackup"))
        .arg("--pgdata")
        .arg(building.join("data"))
        .arg("--host")
        .arg(source.socket_folder())
        .arg(format!("--port={}", record.socket_port()))
        .arg(format!("--username={ADMINISTRATOR}"))
        .args([
            "--no-password",
            "--wal-method=stream",
            "--checkpoint=fast",
            "--manifest-checksums=SHA256",
            "--progress",
        ]);
    let ended = program.start(account)?.finish_with(|line| {
        if let Some((done, total)) = progress_in(line) {
            meter(done, total);
        }
    })?;
    if ended.status.success() {
        return forget_archiving(&building.join("data"));
    }
    let failure = program.failure(&ended);
    Err(if ended.stderr.contains("No space left on device") {
        failure.hint(format!("make room on the disk of {}", building.display()))
    } else {
        failure
    })
}

/// Segments that filled up meanwhile carry a note that they are archived: the source's book-keeping, which
/// no manifest knows.
fn forget_archiving(data: &Path) -> Result<()> {
    let notes = data.join("pg_wal/archive_status");
    for note in fs::read_dir(&notes).at("read", &notes)?.flatten() {
        fs::remove_file(note.path()).at("remove", &note.path())?;
    }
    Ok(())
}

/// Reads ` 23456/39432 kB (59%), 0/1 tablespace`.
fn progress_in(line: &str) -> Option<(u64, u64)> {
    let (figures, _) = line.split_once(" kB (")?;
    let (done, total) = figures.trim().split_once('/')?;
    let kilobytes = |text: &str| Some(text.trim().parse::<u64>().ok()? * 1024);
    Some((kilobytes(done)?, kilobytes(total)?))
}

fn describe(
    account: &Account,
    binaries: &Binaries,
    building: &Path,
    request: &BackupRequest,
) -> Result<StoredBackup> {
    let data = building.join("data");
    let manifest = Manifest::read(&data.join(MANIFEST))?;
    let wal_files = log_files(&data)?;
    let log = data.join("pg_wal");
    let range = (
        manifest.wal.timeline,
        manifest.wal.start.as_str(),
        manifest.wal.end.as_str(),
    );
    let newest = newest_commit(account, binaries, &log, range)?;
    let bytes = |files: &[ManifestFile]| files.iter().map(|file| file.size).sum::<u64>();
    let record = BackupRecord {
        id: request.id.clone(),
        engine: Engine::Postgres,
        recovery_point: RecoveryPoint {
            taken_at: newest.map_or(request.clock, |newest| newest.latest.max(request.clock)),
            newest_heartbeat: request.newest_heartbeat,
        },
        completed_at: Timestamp(time::OffsetDateTime::now_utc()),
        size_bytes: bytes(&manifest.files) + bytes(&wal_files),
        schema_version: request.schema_version,
        instance_id: request.instance_id,
        lineage_id: request.lineage_id,
        engine_version: request.engine_version.clone(),
        manifest_sha256: manifest.sha256,
    };
    Ok(StoredBackup {
        version: StoredBackup::VERSION,
        record,
        wal: manifest.wal,
        segment_size: segment_size_in(&wal_files).ok_or_else(|| {
            Failure::failed("the backup holds no log").cause(log.display().to_string())
        })?,
        wal_files,
    })
}

/// The files of the log inside a data folder, with their sums.
fn log_files(data: &Path) -> Result<Vec<ManifestFile>> {
    let log = data.join("pg_wal");
    let entries = fs::read_dir(&log).at("read", &log)?;
    let mut names: Vec<_> = entries
        .flatten()
        .filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_file()))
        .map(|entry| entry.file_name())
        .collect();
    names.sort_unstable();
    parallel::each(&names, |name| {
        let (size, sha256) = hex_digest(&log.join(name))?;
        Ok(ManifestFile {
            path: Path::new("pg_wal").join(name),
            size,
            sha256,
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn progress_is_read_as_pg_basebackup_tells_it() {
        let line = "   23456/39432 kB (59%), 0/1 tablespace";
        assert_eq!(progress_in(line), Some((23456 * 1024, 39432 * 1024)));
        assert_eq!(progress_in("waiting for checkpoint"), None);
    }
}
