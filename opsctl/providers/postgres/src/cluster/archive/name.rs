//! The names that PostgreSQL gives to files of its log, and their arithmetic.

use std::fmt;

use opsctl_core::{Failure, Result};

/// The size of a segment unless `initdb` was told otherwise.
pub(crate) const USUAL_SEGMENT_SIZE: u64 = 16 << 20;

/// A file of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WalFile {
    /// A whole segment: `000000010000000000000002`.
    Segment(SegmentName),
    /// Where a timeline branched off: `00000002.history`.
    History(u32),
    /// Anything else that PostgreSQL archives: the label of a backup, the unfinished end of a timeline.
    Other,
}

impl WalFile {
    /// Reads a file name.
    ///
    /// # Errors
    /// Refuses what PostgreSQL never hands over, path separators above all.
    pub fn parse(name: &str) -> Result<Self> {
        let hex = |text: &str, length: usize| {
            text.len() == length
                && text
                    .bytes()
                    .all(|b| b.is_ascii_digit() || (b'A'..=b'F').contains(&b))
        };
        let (stem, rest) = name.split_once('.').unwrap_or((name, ""));
        match rest {
            "" if hex(stem, 24) && !name.contains('.') => {
                Ok(Self::Segment(SegmentName::parse(name)?))
            }
            "history" if hex(stem, 8) => Ok(Self::History(
                u32::from_str_radix(stem, 16).map_err(|_| refused(name))?,
            )),
            "partial" if hex(stem, 24) => Ok(Self::Other),
            _ if hex(stem, 24)
                && rest
                    .strip_suffix(".backup")
                    .is_some_and(|offset| hex(offset, 8)) =>
            {
                Ok(Self::Other)
            }
            _ => Err(refused(name)),
        }
    }
}

fn refused(name: &str) -> Failure {
    Failure::usage(format!(
        "'{}' is no file of PostgreSQL's write-ahead log",
        name.escape_debug()
    ))
}

/// The name of a segment: its timeline and its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SegmentName {
    /// The timeline.
    pub timeline: u32,
    high: u32,
    low: u32,
}

impl SegmentName {
    /// Reads `000000010000000000000002`.
    ///
    /// # Errors
    /// When it isn't 24 upper-case hexadecimal digits.
    pub fn parse(name: &str) -> Result<Self> {
        let part = |from: usize| {
            name.get(from..from + 8)
                .filter(|_| name.len() == 24)
                .and_then(|digits| u32::from_str_radix(digits, 16).ok())
                .ok_or_else(|| refused(name))
        };
        Ok(Self {
            timeline: part(0)?,
            high: part(8)?,
            low: part(16)?,
        })
    }

    /// The segment that holds a position.
    #[must_use]
    pub fn holding(timeline: u32, position: u64, size: u64) -> Self {
        Self::at(timeline, position / size, size)
    }

    fn at(timeline: u32, number: u64, size: u64) -> Self {
        let a_file = (1u64 << 32) / size;
        Self {
            timeline,
            high: u32::try_from(number / a_file).unwrap_or(u32::MAX),
            low: u32::try_from(number % a_file).unwrap_or(u32::MAX),
        }
    }

    /// Its place in the log, counted in segments.
    #[must_use]
    pub fn number(self, size: u64) -> u64 {
        u64::from(self.high) * ((1u64 << 32) / size) + u64::from(self.low)
    }

    /// The one after it on the same timeline.
    #[must_use]
    pub fn next(self, size: u64) -> Self {
        Self::at(self.timeline, self.number(size) + 1, size)
    }
}

impl fmt::Display for SegmentName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:08X}{:08X}{:08X}", self.timeline, self.high, self.low)
    }
}

/// The size of a segment, told from the segments among some files.
pub(crate) fn segment_size_in(files: &[crate::cluster::backup::ManifestFile]) -> Option<u64> {
    files.iter().find_map(|file| {
        let name = file.path.file_name()?.to_str()?;
        matches!(WalFile::parse(name), Ok(WalFile::Segment(_))).then_some(file.size)
    })
}

/// Reads a position such as `0/1524C48`.
pub(crate) fn parse_position(text: &str) -> Option<u64> {
    let (high, low) = text.split_once('/')?;
    Some(u64::from_str_radix(high, 16).ok()? << 32 | u64::from_str_radix(low, 16).ok()?)
}

/// Writes a position as PostgreSQL reads it.
pub(crate) fn position(lsn: u64) -> String {
    format!("{:X}/{:X}", lsn >> 32, lsn & 0xFFFF_FFFF)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn only_names_of_the_log_are_accepted() {
        for good in [
            "000000010000000000000002",
            "00000002.history",
            "000000010000000000000002.partial",
            "000000010000000000000002.00000028.backup",
        ] {
            assert!(WalFile::parse(good).is_ok(), "{good}");
        }
        for bad in [
            "",
            "../000000010000000000000002",
            "x.history",
            "00000001000000000000000g",
            "000000010000000000000002.",
            "000000010000000000000002.zst",
        ] {
            assert!(WalFile::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn the_next_segment_carries_over_at_the_end_of_a_file() {
        let last = SegmentName::parse("0000000300000001000000FF").unwrap();
        let next = last.next(USUAL_SEGMENT_SIZE);
        assert_eq!(next.to_string(), "000000030000000200000000");
        assert_eq!(next.number(USUAL_SEGMENT_SIZE), 512);
    }

    #[test]
    fn a_position_knows_its_segment() {
        let lsn = parse_position("1/2000028").unwrap();
        let name = SegmentName::holding(1, lsn, USUAL_SEGMENT_SIZE);
        assert_eq!(name.to_string(), "000000010000000100000002");
        assert_eq!(position(lsn), "1/2000028");
    }
}
