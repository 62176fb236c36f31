//! How far the archived log carries a base backup: the points in time that can be restored.

use std::fs;

use opsctl_core::{
    Failure, Result,
    clock::Timestamp,
    names::{BackupId, LineageId},
    ports::RestoreWindow,
};

use crate::cluster::{
    account::Account,
    archive::{CommitRange, Inventory, Run, SegmentName, position},
    backup::{Stored, StoredBackup},
    durable::At,
    layout::Layout,
    local::LocalPostgres,
    record::RecoveryStop,
};

/// The log that follows a base backup without a hole.
pub(crate) struct Reach {
    inventory: Inventory,
    run: Run,
    newest: Option<CommitRange>,
    taken_at: Timestamp,
    id: BackupId,
}

impl Reach {
    /// Looks at the archive of the backup's lineage. `None` when not even its last segment is there: then
    /// nothing but the backup itself can be restored.
    pub(crate) fn of(local: &LocalPostgres, known: &StoredBackup) -> Result<Option<Self>> {
        let mut inventory = Inventory::read(&local.layout.archive(known.record.lineage_id))?;
        inventory.segment_size = known.segment_size;
        let Some(run) = inventory.run_from(known.last_segment()?) else {
            return Ok(None);
        };
        let account = local.account()?;
        let end = known.end()?;
        let newest = inventory
            .newest_commit(&account, &local.binaries, &run)?
            .filter(|newest| newest.last.lsn >= end);
        Ok(Some(Self {
            inventory,
            run,
            newest,
            taken_at: known.record.recovery_point.taken_at,
            id: known.record.id.clone(),
        }))
    }

    /// The latest moment that can be restored: the newest archived commit.
    pub(crate) fn until(&self) -> Timestamp {
        self.newest
            .map_or(self.taken_at, |newest| newest.latest.max(self.taken_at))
    }

    /// The last segment of the run.
    pub(crate) fn end(&self) -> Option<SegmentName> {
        self.run.segments.last().copied()
    }

    /// The files to bring back for a moment, and where recovery stops.
    pub(crate) fn for_time(
        &self,
        account: &Account,
        local: &LocalPostgres,
        to: Timestamp,
    ) -> Result<(Vec<String>, RecoveryStop)> {
        if to < self.taken_at || to > self.until() {
            return Err(self.out_of_reach(to));
        }
        let (last, stop) = match self.newest {
            None => (0, RecoveryStop::Consistent),
            // No later commit tells PostgreSQL that the moment has passed: the place has to.
            Some(newest) if to >= newest.latest => (
                self.run.segments.len() - 1,
                RecoveryStop::Position {
                    lsn: position(newest.last.lsn),
                },
            ),
            Some(_) => (
                self.first_that_passes(account, local, to)?,
                RecoveryStop::Time { time: to },
            ),
        };
        let segments = self.run.segments.iter().take(last + 2);
        let histories = self.inventory.histories.iter().cloned();
        let names = segments.map(ToString::to_string).chain(histories);
        Ok((names.collect(), stop))
    }

    /// The first segment that holds a commit later than `to`: a restore needs no log after it.
    fn first_that_passes(
        &self,
        account: &Account,
        local: &LocalPostgres,
        to: Timestamp,
    ) -> Result<usize> {
        let (mut low, mut high) = (0, self.run.segments.len() - 1);
        while low < high {
            let middle = usize::midpoint(low, high);
            let part = Run {
                segments: self.run.segments[..=middle].to_vec(),
                ends_in_a_hole: false,
            };
            let found = self
                .inventory
                .newest_commit(account, &local.binaries, &part)?;
            if found.is_some_and(|found| found.latest > to) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        Ok(high)
    }

    fn out_of_reach(&self, to: Timestamp) -> Failure {
        let mut failure =
            Failure::refused(format!("{to} can't be restored from backup {}", self.id)).cause(
                format!("it reaches from {} to {}", self.taken_at, self.until()),
            );
        if self.run.ends_in_a_hole
            && let Some(end) = self.end()
        {
            let missing = end.next(self.inventory.segment_size);
            failure = failure.cause(format!("segment {missing} is missing in the archive"));
        }
        failure
            .left("nothing was changed")
            .hint("opsctl backup list")
    }
}

/// Backups whose record can be read, and the others with the reason why theirs can't.
pub(crate) type AllBackups = (Vec<Stored>, Vec<(BackupId, Failure)>);

/// Every complete backup with a record that can be read, oldest data first, and the others with the reason.
pub(crate) fn all_backups(layout: &Layout) -> Result<AllBackups> {
    let folder = layout.backups();
    let (mut good, mut bad) = (Vec::new(), Vec::new());
    if !folder.exists() {
        return Ok((good, bad));
    }
    for entry in fs::read_dir(&folder).at("read", &folder)?.flatten() {
        // What is being taken begins with a dot, which no name does.
        let Some(id) = entry
            .file_name()
            .to_str()
            .and_then(|name| BackupId::new(name).ok())
        else {
            continue;
        };
        match Stored::find(layout, &id) {
            Ok(Some(stored)) => good.push(stored),
            Ok(None) => {}
            Err(failure) => bad.push((id, failure)),
        }
    }
    good.sort_by_key(|stored| stored.known.record.recovery_point.taken_at);
    Ok((good, bad))
}

/// The window of a lineage: from the oldest backup whose log reaches the end. A hole shrinks it.
///
/// # Errors
/// When the archive can't be read, or the newest segment is damaged.
pub fn window(local: &LocalPostgres, lineage: LineageId) -> Result<Option<RestoreWindow>> {
    let (backups, _) = all_backups(&local.layout)?;
    let mut window: Option<(SegmentName, RestoreWindow)> = None;
    for stored in backups
        .iter()
        .rev()
        .filter(|stored| stored.known.record.lineage_id == lineage)
    {
        // Newest first: an older one belongs to the window as long as its log ends at the same place.
        let taken_at = stored.known.record.recovery_point.taken_at;
        match &mut window {
            None => {
                let Some(reach) = Reach::of(local, &stored.known)? else {
                    continue;
                };
                let Some(end) = reach.end() else { continue };
                let found = RestoreWindow {
                    from: taken_at,
                    to: reach.until(),
                    gaps: reach.inventory.gaps(),
                };
                window = Some((end, found));
            }
            Some((end, found)) => {
                let mut inventory = Inventory::read(&local.layout.archive(lineage))?;
                inventory.segment_size = stored.known.segment_size;
                let run = inventory.run_from(stored.known.last_segment()?);
                if run.is_some_and(|run| run.segments.last() == Some(end)) {
                    found.from = taken_at;
                }
            }
        }
    }
    Ok(window.map(|(_, found)| found))
}
