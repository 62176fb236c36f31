//! What backups there are, and what there is to worry about.

use crate::clock::Timestamp;
use crate::environment::Span;
use crate::failure::Result;
use crate::names::BackupId;
use crate::pins::{Pin, pins_of};
use crate::ports::{Away, BackupFinding, BackupRecord, RestoreWindow, World};

use super::{DrillMark, passed_drills};

/// One backup in a list.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Listed {
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
    /// Those that nobody can restore from.
    pub unreadable: Vec<Unreadable>,
    /// The points in time between them, where there are any.
    pub window: Option<RestoreWindow>,
    /// What there is to worry about, in words.
    pub warnings: Vec<String>,
    /// How the copies in the second place are behind, where there is such a place.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub copies_behind: Option<String>,
}

/// Looks at all backups. Reads their records only, not their files.
///
/// # Errors
/// When backups or marks can't be listed.
pub async fn overview(world: &World) -> Result<Overview> {
    let now = world.clock.now();
    let (records, findings) = world.backups.list().await?;
    let mut backups = Vec::with_capacity(records.len());
    for record in records {
        let store = world.store.as_ref();
        backups.push(Listed {
            age_seconds: record.recovery_point.taken_at.age(now).as_secs(),
            pins: pins_of(store, &record.id, now).await?,
            drills: passed_drills(store, &record.id).await?,
            record,
        });
    }
    let unreadable: Vec<Unreadable> = findings
        .into_iter()
        .map(|(id, finding)| Unreadable { id, finding })
        .collect();
    let window = world.backups.window().await?;
    let stale_after = world.environment.settings.backup.stale_after;
    let mut warnings = freshness(&backups, stale_after, now);
    warnings.extend(unreadable.iter().map(|broken| {
        let Unreadable { id, finding } = broken;
        format!(
            "backup '{id}' can't be used: {}: {}",
            finding.file, finding.detail
        )
    }));
    warnings.extend(window.iter().flat_map(|window| window.gaps.clone()));
    let away = world.backups.away().await?;
    Ok(Overview {
        copies_behind: away.and_then(|away| behind(&away, stale_after, now)),
        backups,
        unreadable,
        window,
        warnings,
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
