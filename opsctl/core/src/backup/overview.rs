//! What backups there are, and what there is to worry about.

use crate::clock::Timestamp;
use crate::environment::Span;
use crate::failure::{FailureKind, Result};
use crate::names::BackupId;
use crate::pins::{Pin, pins_of};
use crate::ports::{Away, BackupFinding, BackupRecord, RestoreWindow, World};

use super::{DrillMark, passed_drills};

/// What a backup is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum BackupKind {
    /// A backup of the whole server, or a snapshot of it.
    Backup,
    /// A logical dump.
    Export,
}

impl BackupKind {
    const fn is_backup(&self) -> bool {
        matches!(self, Self::Backup)
    }
}

/// One backup in a list.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Listed {
    /// What it is.
    #[serde(skip_serializing_if = "BackupKind::is_backup")]
    pub kind: BackupKind,
    /// What it knows of itself.
    #[serde(flatten)]
    pub record: BackupRecord,
    /// How long ago its data was taken, in seconds; 0 for one from the future.
    pub age_seconds: u64,
    /// Who needs it.
    pub pins: Vec<Pin>,
    /// The drills that it passed.
    pub drills: Vec<DrillMark>,
}

/// A backup whose record can't be read.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Unreadable {
    /// Its name.
    pub id: BackupId,
    /// What is wrong.
    pub finding: BackupFinding,
}

/// All backups of an environment.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Overview {
    /// The complete ones, oldest data first.
    pub backups: Vec<Listed>,
    /// The copies in the second place, oldest data first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub copies: Vec<Listed>,
    /// Where they lie, where there is such a place.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub away: Option<String>,
    /// Why the first place can't be listed, while the copies can: it may be lost.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lost: Option<String>,
    /// Those that nobody can restore from.
    pub unreadable: Vec<Unreadable>,
    /// The points in time between them, where there are any.
    pub window: Option<RestoreWindow>,
    /// What there is to worry about, in words.
    pub warnings: Vec<String>,
    /// The logical dumps, oldest data first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub exports: Vec<Listed>,
    /// How the exports are behind, where the schedule makes some.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exports_behind: Option<String>,
    /// How the copies in the second place are behind, where there is such a place.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub copies_behind: Option<String>,
}

/// Looks at all backups. Reads their records only, not their files. Where the first place says nothing, the copies in the second
/// one are told all the same.
///
/// # Errors
/// When backups or marks can't be listed.
pub async fn overview(world: &World) -> Result<Overview> {
    let now = world.clock.now();
    let listed_here = world.backups.list().await;
    let away = world.backups.away().await?;
    let (here, lost) = match listed_here {
        Ok(here) => (here, None),
        Err(failure) if failure.kind == FailureKind::Failed && away.is_some() => {
            ((Vec::new(), Vec::new()), Some(failure))
        }
        Err(failure) => return Err(failure),
    };
    let backups = listed(world, BackupKind::Backup, here.0, now).await?;
    // What lies in the other region is there when this one is lost.
    let (records, broken) = match &world.exports {
        Some(exports) => exports.list().await?,
        None => (Vec::new(), Vec::new()),
    };
    let exports = listed(world, BackupKind::Export, records, now).await?;
    let unreadable: Vec<Unreadable> = here
        .1
        .into_iter()
        .chain(broken)
        .map(|(id, finding)| Unreadable { id, finding })
        .collect();
    let stale_after = world.environment.settings.backup.stale_after;
    let (window, mut warnings) = match lost {
        Some(_) => (None, Vec::new()),
        None => {
            let window = world.backups.window().await?;
            (window, freshness(&backups, stale_after, now))
        }
    };
    warnings.extend(unreadable.iter().map(|broken| {
        let Unreadable { id, finding } = broken;
        format!(
            "backup '{id}' can't be used: {}: {}",
            finding.file, finding.detail
        )
    }));
    warnings.extend(window.iter().flat_map(|window| window.gaps.clone()));
    let behind = away.as_ref().map(|away| behind(away, stale_after, now));
    let (place, copies) = away.map(|away| (away.place, away.backups)).unzip();
    Ok(Overview {
        exports_behind: late(world, &exports, now),
        exports,
        copies_behind: behind.flatten(),
        copies: listed(world, BackupKind::Backup, copies.unwrap_or_default(), now).await?,
        away: place,
        lost: lost.map(|failure| failure.to_string()),
        backups,
        unreadable,
        window,
        warnings,
    })
}

async fn listed(
    world: &World,
    kind: BackupKind,
    records: Vec<BackupRecord>,
    now: Timestamp,
) -> Result<Vec<Listed>> {
    let store = world.store.as_ref();
    let mut all = Vec::with_capacity(records.len());
    for record in records {
        all.push(Listed {
            kind,
            age_seconds: record.recovery_point.taken_at.age(now).as_secs(),
            pins: pins_of(store, &record.id, now).await?,
            drills: passed_drills(store, &record.id).await?,
            record,
        });
    }
    Ok(all)
}

/// Exports are as much a promise as backups where the schedule makes some.
fn late(world: &World, exports: &[Listed], now: Timestamp) -> Option<String> {
    let settings = &world.environment.settings;
    world.exports.as_ref()?;
    settings.schedule.as_ref()?.export.as_ref()?;
    let limit = settings.backup.stale_after;
    let Some(newest) = exports.last() else {
        return Some(
            "there is no export: nothing would be left if RDS lost the database and its snapshots"
                .into(),
        );
    };
    let age = newest.record.recovery_point.taken_at.age(now);
    (age > limit.0).then(|| {
        let seconds = std::time::Duration::from_secs(age.as_secs());
        format!(
            "the newest export is stale: '{}' shows what was {} ago, and {limit} is the limit",
            newest.record.id,
            humantime::format_duration(seconds)
        )
    })
}

/// A copy is stale at the same age as a backup: what was never copied in that time would be lost with the first place.
fn behind(away: &Away, stale_after: Span, now: Timestamp) -> Option<String> {
    let place = &away.place;
    let Some(newest) = away.backups.last() else {
        return Some(format!("no backup was ever copied to {place}"));
    };
    let age = newest.recovery_point.taken_at.age(now);
    (age > stale_after.0).then(|| {
        let seconds = std::time::Duration::from_secs(age.as_secs());
        format!(
            "the newest copy in {place} is behind: '{}' was taken {} ago, and {stale_after} is the limit",
            newest.id,
            humantime::format_duration(seconds)
        )
    })
}

/// Judges by age, never by errors that somebody should have noticed: a job that never runs reports none.
fn freshness(backups: &[Listed], stale_after: Span, now: Timestamp) -> Vec<String> {
    let mut warnings = Vec::new();
    let taken = |listed: &Listed| listed.record.recovery_point.taken_at;
    for listed in backups.iter().filter(|listed| taken(listed) > now) {
        warnings.push(format!(
            "backup '{}' was taken in the future ({}): a clock is wrong",
            listed.record.id,
            taken(listed)
        ));
    }
    match backups.iter().rfind(|listed| taken(listed) <= now) {
        None => warnings.push("there is no backup: nothing could be restored".to_owned()),
        Some(newest) if taken(newest).age(now) > stale_after.0 => warnings.push(format!(
            "the newest backup is stale: '{}' was taken {} ago, and {stale_after} is the limit",
            newest.record.id,
            humantime::format_duration(std::time::Duration::from_secs(newest.age_seconds))
        )),
        Some(_) => {}
    }
    warnings
}
