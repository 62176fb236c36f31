//! Makes an export, or goes on with what an earlier run of the same operation began.

use std::time::Duration;

use opsctl_core::clock::Timestamp;
use opsctl_core::engine::Progress;
use opsctl_core::guard::Permit;
use opsctl_core::names::BackupId;
use opsctl_core::ports::BackupRecord;
use opsctl_core::{Failure, FailureKind, Result};

use super::manifest::{Found, Manifest, Parts};
use super::place::{Kept, Place, dump_of};
use super::port::S3Exports;
use super::source::{self, Begun};
use super::upload::{self, Upload};

/// An upload of another operation that is older than this is nobody's any more.
const ABANDONED: Duration = Duration::from_secs(24 * 3600);

/// Makes it.
pub async fn create(
    exports: &S3Exports,
    permit: &Permit<'_>,
    id: &BackupId,
    progress: &Progress<'_>,
) -> Result<BackupRecord> {
    let place = Place::of(&exports.site.aws).await?;
    let now = exports.clock.now();
    if let Some(found) = finished(&place, id).await? {
        return Ok(found);
    }
    permit.check()?;
    clear_away(&place, id, now, progress).await?;
    let begun = source::begin(&exports.site, exports.dumps.as_ref(), now, progress).await?;
    let (source, identity, facts) = (
        begun.source.clone(),
        begun.dump.identity.clone(),
        begun.dump.facts.clone(),
    );
    let (parts, size_bytes, sha256) = written(&place, id, begun, (permit, progress)).await?;
    let manifest = Manifest {
        version: Manifest::version(),
        id: id.clone(),
        environment: exports.site.environment.clone(),
        operation: permit.operation().clone(),
        source,
        instance_id: identity.instance_id,
        lineage_id: identity.lineage_id,
        facts,
        size_bytes,
        sha256,
        completed_at: exports.clock.now(),
        upload: parts,
    };
    permit.check()?;
    place.write(&manifest).await?;
    put_together(&place, &manifest).await?;
    let found = Found::read(&manifest.written()?);
    let found = found.map_err(|why| Failure::failed("the manifest is unreadable").cause(why))?;
    Ok(found.record())
}

/// Puts the parts together, or leaves nothing of them: nobody goes on with an operation whose only step failed.
async fn put_together(place: &Place, manifest: &Manifest) -> Result<()> {
    let (id, parts, bytes) = (&manifest.id, &manifest.upload, manifest.size_bytes);
    let Err(failure) = upload::complete(place, id, parts, bytes).await else {
        return Ok(());
    };
    let given_up = upload::abort(place, &dump_of(id), &parts.id).await;
    // It may have been put together all the same, a moment before.
    match (given_up, place.dump(id).await?) {
        (_, Some(dump)) if dump.bytes == bytes => Ok(()),
        (Ok(()), None) => {
            place.delete(id).await?;
            Err(failure.left("the upload was given up: nothing of it is kept"))
        }
        _ => Err(failure.left("an upload may be left: the next export gives it up a day later")),
    }
}

/// What an earlier run had come to when it died: all parts are there, and perhaps put together.
async fn finished(place: &Place, id: &BackupId) -> Result<Option<BackupRecord>> {
    let Kept::Manifest(found) = place.manifest(id).await? else {
        return Ok(None);
    };
    let it = &found.manifest;
    let there = place.dump(id).await?;
    if there.is_some_and(|dump| dump.bytes == it.size_bytes) {
        return Ok(Some(found.record()));
    }
    let put_together = upload::complete(place, id, &it.upload, it.size_bytes).await;
    // Whoever gave the upload up meanwhile makes it begin again.
    Ok(put_together.is_ok().then(|| found.record()))
}

/// Nothing that was begun for this export goes on, and nothing that nobody goes on with is paid for.
async fn clear_away(
    place: &Place,
    id: &BackupId,
    now: Timestamp,
    progress: &Progress<'_>,
) -> Result<()> {
    for begun in upload::begun_of(place, id).await? {
        upload::abort(place, &begun.key, &begun.id).await?;
    }
    for begun in upload::begun_of_all(place).await? {
        let owner = &begun.owner;
        if begun.at.is_none_or(|at| at.age(now) <= ABANDONED) {
            continue;
        }
        upload::abort(place, &begun.key, &begun.id).await?;
        // All of its parts may have been there: then a manifest is too.
        if place.dump(owner).await?.is_none() {
            place.delete(owner).await?;
        }
        progress.note(format!(
            "the upload of '{owner}' that nobody ended is given up"
        ));
    }
    Ok(())
}

/// Streams the dump into the bucket. Whatever goes wrong, no part of it stays.
async fn written(
    place: &Place,
    id: &BackupId,
    begun: Begun,
    (permit, progress): (&Permit<'_>, &Progress<'_>),
) -> Result<(Parts, u64, String)> {
    let expected = begun.dump.facts.database_bytes;
    let mut upload = Upload::begin(place, id, expected).await?;
    let ended = stream(&mut upload, begun, permit, progress).await;
    match ended {
        Ok((parts, sum)) => Ok((parts, upload.bytes, sum)),
        Err(failure) => {
            upload.abort().await;
            Err(failure.left("the upload was given up: nothing of it is kept"))
        }
    }
}

async fn stream(
    upload: &mut Upload<'_>,
    mut begun: Begun,
    permit: &Permit<'_>,
    progress: &Progress<'_>,
) -> Result<(Parts, String)> {
    let expected = begun.dump.facts.database_bytes;
    progress.note(format!("reads instance '{}'", begun.source));
    while let Some(piece) = begun.dump.chunks.next().await? {
        permit.check()?;
        upload.add(&piece).await?;
        progress.at(upload.bytes, expected.max(upload.bytes), "bytes");
    }
    if upload.bytes == 0 {
        return Err(Failure::new(FailureKind::Unknown, "the dump is empty"));
    }
    upload.end().await
}
