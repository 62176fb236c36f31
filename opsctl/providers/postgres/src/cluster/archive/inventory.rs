//! What an archive holds: runs of segments without a hole, and the holes between them.

use std::path::{Path, PathBuf};

use opsctl_core::Result;

use super::{
    commits::{CommitRange, commits_in, names_in},
    name::{SegmentName, USUAL_SEGMENT_SIZE, WalFile},
};
use crate::cluster::{account::Account, binaries::Binaries};

/// The segments of an archive.
#[derive(Debug, Clone)]
pub struct Inventory {
    archive: PathBuf,
    /// Whole segments, in order.
    pub segments: Vec<SegmentName>,
    /// Files that tell where timelines branched off.
    pub histories: Vec<String>,
    /// The size of a segment, in bytes.
    pub segment_size: u64,
}

/// Neighbouring segments of one timeline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// In order; never empty.
    pub segments: Vec<SegmentName>,
    /// The segment after the last one is missing although later ones are there.
    pub ends_in_a_hole: bool,
}

impl Inventory {
    /// Reads the names in an archive; a missing folder is an empty archive.
    ///
    /// # Errors
    /// When the folder can't be read.
    pub fn read(archive: &Path) -> Result<Self> {
        let mut inventory = Self {
            archive: archive.to_owned(),
            segments: Vec::new(),
            histories: Vec::new(),
            segment_size: USUAL_SEGMENT_SIZE,
        };
        for name in names_in(archive)? {
            match WalFile::parse(&name) {
                Ok(WalFile::Segment(segment)) => inventory.segments.push(segment),
                Ok(WalFile::History(_)) => inventory.histories.push(name),
                _ => {}
            }
        }
        Ok(inventory)
    }

    /// The segments from `first` on, up to the first hole; `None` when not even that one is there.
    #[must_use]
    pub fn run_from(&self, first: SegmentName) -> Option<Run> {
        let mut segments = Vec::new();
        let mut wanted = first;
        while self.segments.binary_search(&wanted).is_ok() {
            segments.push(wanted);
            wanted = wanted.next(self.segment_size);
        }
        let last = self
            .segments
            .iter()
            .rfind(|segment| segment.timeline == first.timeline)?;
        (!segments.is_empty()).then(|| Run {
            ends_in_a_hole: segments.last().is_some_and(|end| end < last),
            segments,
        })
    }

    /// The holes on each timeline, in words that name the missing segments.
    #[must_use]
    pub fn gaps(&self) -> Vec<String> {
        self.segments
            .windows(2)
            .filter(|pair| pair[0].timeline == pair[1].timeline)
            .filter_map(|pair| {
                let missing = pair[0].next(self.segment_size);
                let count = pair[1].number(self.segment_size) - missing.number(self.segment_size);
                match count {
                    0 => None,
                    1 => Some(format!("segment {missing} is missing")),
                    _ => Some(format!("{count} segments from {missing} on are missing")),
                }
            })
            .collect()
    }

    /// The newest commit of a run: its last segments are read until one is found.
    ///
    /// # Errors
    /// When a segment is damaged or can't be read.
    pub fn newest_commit(
        &self,
        account: &Account,
        binaries: &Binaries,
        run: &Run,
    ) -> Result<Option<CommitRange>> {
        let mut end = run.segments.len();
        while end > 0 {
            // Two at a time, overlapping: a record may lie on the border.
            let start = end.saturating_sub(2);
            let found = commits_in(account, binaries, &self.archive, &run.segments[start..end])?;
            if found.is_some() {
                return Ok(found);
            }
            end = if end <= 2 { 0 } else { end - 1 };
        }
        Ok(None)
    }

    /// The folder itself.
    #[must_use]
    pub fn archive(&self) -> &Path {
        &self.archive
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn inventory(names: &[&str]) -> Inventory {
        Inventory {
            archive: PathBuf::new(),
            segments: names
                .iter()
                .map(|n| SegmentName::parse(n).unwrap())
                .collect(),
            histories: Vec::new(),
            segment_size: USUAL_SEGMENT_SIZE,
        }
    }

    #[test]
    fn a_run_ends_at_the_first_hole() {
        let found = inventory(&[
            "000000010000000000000001",
            "000000010000000000000002",
            "000000010000000000000005",
        ]);
        let run = found.run_from(found.segments[0]).unwrap();
        assert_eq!(run.segments.len(), 2);
        assert!(run.ends_in_a_hole);
        assert_eq!(
            found.gaps(),
            ["2 segments from 000000010000000000000003 on are missing"]
        );
        let tail = found.run_from(found.segments[2]).unwrap();
        assert!(!tail.ends_in_a_hole);
        assert_eq!(found.run_from(found.segments[1].next(16 << 20)), None);
    }
}
