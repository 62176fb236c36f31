//! Which commits a part of the log holds, as `pg_waldump` reads them: exact to the microsecond.

use std::{
    fs,
    path::{Path, PathBuf},
};

use opsctl_core::{Failure, Result, clock::Timestamp};

use super::{
    name::{SegmentName, parse_position},
    segment::{read_segment, stored_as, write_private},
};
use crate::cluster::{account::Account, binaries::Binaries, child::Program, durable::At};

/// One commit in the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Commit {
    /// When, by the server's clock.
    pub at: Timestamp,
    /// Where its record begins.
    pub lsn: u64,
}

/// What a part of the log holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CommitRange {
    /// The latest time among them. Times may be out of order by microseconds.
    pub latest: Timestamp,
    /// The last one in the order of the log, which is the order of effect.
    pub last: Commit,
}

/// The archived commits of some neighbouring segments; `None` when there are none.
pub(crate) fn commits_in(
    account: &Account,
    binaries: &Binaries,
    archive: &Path,
    segments: &[SegmentName],
) -> Result<Option<CommitRange>> {
    let (Some(first), Some(last)) = (segments.first(), segments.last()) else {
        return Ok(None);
    };
    let folder = tempfile::Builder::new()
        .prefix("opsctl-log-")
        .tempdir_in(account.temporary_folder())
        .map_err(|error| Failure::failed("can't create a temporary folder").because(error))?;
    for segment in segments {
        let name = segment.to_string();
        let content = read_segment(&stored_as(archive, &name))?;
        let path = folder.path().join(&name);
        write_private(&path, &content)?;
        account.own(&path)?;
    }
    account.own(folder.path())?;
    let paths = (folder.path().join(first.to_string()), last.to_string());
    scan(account, binaries, &paths)
}

/// The commits between two positions of a log folder that the server's account can read.
pub(crate) fn newest_commit(
    account: &Account,
    binaries: &Binaries,
    log: &Path,
    (timeline, start, end): (u32, &str, &str),
) -> Result<Option<CommitRange>> {
    let program = dump(binaries)
        .arg("--path")
        .arg(log)
        .arg(format!("--timeline={timeline}"))
        .arg(format!("--start={start}"))
        .arg(format!("--end={end}"));
    Ok(range_of(&program.succeed(account)?))
}

fn scan(
    account: &Account,
    binaries: &Binaries,
    (first, last): &(PathBuf, String),
) -> Result<Option<CommitRange>> {
    let program = dump(binaries).arg(first).arg(last);
    let ended = program.run(account)?;
    // The last record may go on in a segment that isn't there, or the rest of the segment is empty: both
    // end with an error after everything that is whole was told.
    if ended.status.success() || !ended.stdout.is_empty() || is_the_end(&ended.stderr) {
        return Ok(range_of(&ended.stdout));
    }
    Err(program.failure(&ended))
}

fn is_the_end(said: &str) -> bool {
    [
        "could not find a valid record",
        "error in WAL record",
        "could not find file",
        "could not locate WAL file",
    ]
    .iter()
    .any(|end| said.contains(end))
}

fn dump(binaries: &Binaries) -> Program {
    Program::new(binaries.program("pg_waldump")).arg("--rmgr=Transaction")
}

fn range_of(dumped: &str) -> Option<CommitRange> {
    dumped
        .lines()
        .filter_map(commit_in)
        .fold(None, |range: Option<CommitRange>, commit| {
            let latest = range.map_or(commit.at, |range| range.latest.max(commit.at));
            Some(CommitRange {
                latest,
                last: commit,
            })
        })
}

/// Reads a line such as `… lsn: 0/01524C48, prev …, desc: COMMIT 2026-11-23 06:15:00.123456 UTC; inval …`.
fn commit_in(line: &str) -> Option<Commit> {
    let (facts, description) = line.split_once("desc: ")?;
    let rest = description.strip_prefix("COMMIT")?;
    let rest = match rest.strip_prefix("_PREPARED ") {
        Some(prepared) => prepared.split_once(": ")?.1,
        None => rest.strip_prefix(' ')?,
    };
    let lsn = facts.split_once("lsn: ")?.1.split(',').next()?;
    Some(Commit {
        at: parse_time(rest.get(..rest.find(" UTC")?)?)?,
        lsn: parse_position(lsn)?,
    })
}

fn parse_time(text: &str) -> Option<Timestamp> {
    Timestamp::parse(&format!("{}Z", text.trim().replacen(' ', "T", 1))).ok()
}

/// Every file name in an archive, without the suffix of stored files.
pub(super) fn names_in(archive: &Path) -> Result<Vec<String>> {
    if !archive.exists() {
        return Ok(Vec::new());
    }
    let entries = fs::read_dir(archive).at("read", archive)?;
    let mut names: Vec<String> = entries
        .flatten()
        .filter_map(|entry| {
            let name = entry.file_name().into_string().ok()?;
            name.strip_suffix(".zst").map(str::to_owned)
        })
        .collect();
    names.sort_unstable();
    Ok(names)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn commits_are_read_and_everything_else_is_passed_over() {
        let dumped = "\
rmgr: Transaction len (rec/tot):     34/    34, tx:        734, lsn: 0/01524C48, prev 0/01524C20, desc: COMMIT 2026-11-23 06:15:00.500000 UTC
rmgr: Transaction len (rec/tot):     34/    34, tx:        735, lsn: 0/01524C70, prev 0/01524C48, desc: ABORT 2026-11-23 06:15:09.123456 UTC
rmgr: Transaction len (rec/tot):     98/    98, tx:        736, lsn: 0/01524C98, prev 0/01524C70, desc: COMMIT_PREPARED 736: 2026-11-23 06:15:00.400000 UTC; dropped stats";
        let range = range_of(dumped).unwrap();
        assert_eq!(range.latest.to_string(), "2026-11-23T06:15:00.5Z");
        assert_eq!(range.last.at.to_string(), "2026-11-23T06:15:00.4Z");
        assert_eq!(range.last.lsn, 0x0152_4C98);
        assert_eq!(range_of(""), None);
    }
}
