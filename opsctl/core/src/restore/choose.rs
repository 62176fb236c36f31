//! Which backup a restore reads, and how far it recovers. Pure.

use super::Point;
use super::observe::Available;
use crate::clock::Timestamp;
use crate::failure::{Failure, FailureKind, Result};
use crate::names::{BackupId, EnvironmentName, LineageId};
use crate::ports::{BackupRecord, RecoveryTarget, RestoreWindow};

/// How many backups an error names.
const NAMED: usize = 5;

/// Chooses for the wished point; `lineage` is the line of history that points in time lie on.
///
/// # Errors
/// Refuses a point that can't be restored, before anything is restored, and shows what is available.
pub fn choose(
    environment: &EnvironmentName,
    available: &Available,
    lineage: Option<LineageId>,
    point: &Point,
) -> Result<(RecoveryTarget, BackupRecord)> {
    let (target, base) = match point {
        Point::Newest => newest(environment, available)?,
        Point::Backup(id) => named(available, id)?,
        Point::Time(to) => at_time(available, lineage, *to)?,
    };
    Ok((target, base.clone()))
}

type Chosen<'a> = (RecoveryTarget, &'a BackupRecord);

fn whole(base: &BackupRecord) -> Chosen<'_> {
    let id = base.id.clone();
    (RecoveryTarget::Backup { id }, base)
}

fn newest<'a>(environment: &EnvironmentName, available: &'a Available) -> Result<Chosen<'a>> {
    let newest = available
        .backups
        .iter()
        .max_by_key(|backup| backup.recovery_point.taken_at);
    newest.map(whole).ok_or_else(|| {
        let mut failure = Failure::refused(format!("'{environment}' has no backup to restore"));
        failure.causes.extend(faults(available));
        failure
            .left("nothing was changed")
            .hint(format!("opsctl --env {environment} backup create"))
            .hint(format!("opsctl --env {environment} backup list"))
    })
}

fn named<'a>(available: &'a Available, id: &BackupId) -> Result<Chosen<'a>> {
    if let Some(base) = available.backups.iter().find(|backup| backup.id == *id) {
        return Ok(whole(base));
    }
    if let Some((_, finding)) = available.unreadable.iter().find(|(bad, _)| bad == id) {
        let what = format!("backup '{id}' can't be used");
        return Err(Failure::new(FailureKind::PromiseBroken, what)
            .cause(format!("{}: {}", finding.file, finding.detail))
            .left("nothing was changed"));
    }
    let mut failure = Failure::refused(format!("there is no backup '{id}'"));
    failure.causes.extend(shown(available));
    Err(failure.left("nothing was changed"))
}

fn at_time(available: &Available, lineage: Option<LineageId>, to: Timestamp) -> Result<Chosen<'_>> {
    let refuse = |what: String| {
        let mut failure = Failure::refused(what);
        failure.causes.extend(shown(available));
        failure.left("nothing was changed")
    };
    let Some(window) = &available.window else {
        return Err(refuse(
            "this environment has no restore window: it comes back to a backup, not to a time"
                .into(),
        )
        .hint("leave --to away, or name one with --backup"));
    };
    within(window, to, available.now).map_err(refuse)?;
    let base = available
        .backups
        .iter()
        .filter(|backup| lineage.is_none_or(|lineage| backup.lineage_id == lineage))
        .filter(|backup| backup.completed_at <= to && backup.recovery_point.taken_at <= to)
        .max_by_key(|backup| backup.recovery_point.taken_at);
    let base = base.ok_or_else(|| refuse(format!("no base backup was complete by {to}")))?;
    let id = base.id.clone();
    Ok((RecoveryTarget::Time { base: id, to }, base))
}

fn within(
    window: &RestoreWindow,
    to: Timestamp,
    now: Timestamp,
) -> std::result::Result<(), String> {
    if to > now {
        return Err(format!("{to} lies in the future; it is {now}"));
    }
    if to > window.to {
        return Err(format!(
            "{to} lies past the restore window, which ends at {}, the newest archived commit",
            window.to
        ));
    }
    if to < window.from {
        return Err(format!(
            "{to} lies before the restore window, which begins at {}",
            window.from
        ));
    }
    Ok(())
}

/// What is available, in words.
fn shown(available: &Available) -> Vec<String> {
    let mut lines = Vec::new();
    if let Some(window) = &available.window {
        lines.push(format!("restore window: {} to {}", window.from, window.to));
        lines.extend(window.gaps.iter().map(|gap| format!("gap: {gap}")));
    }
    let backups = &available.backups;
    let told = backups.iter().rev().take(NAMED);
    lines.extend(told.map(|backup| {
        let taken = backup.recovery_point.taken_at;
        format!("available: backup '{}' of {taken}", backup.id)
    }));
    if backups.len() > NAMED {
        lines.push(format!("and {} older ones", backups.len() - NAMED));
    }
    lines.extend(faults(available));
    lines
}

fn faults(available: &Available) -> impl Iterator<Item = String> {
    available.unreadable.iter().map(|(id, finding)| {
        let (file, detail) = (&finding.file, &finding.detail);
        format!("unusable: backup '{id}', {file}: {detail}")
    })
}
