//! Tags, and which of them this platform gives: `vX.Y.Z`, `staging-<commit>`, `latest`.

use std::fmt;
use std::str::FromStr;

use crate::failure::{Failure, Result};

/// A tag as any registry may hold it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(transparent)]
pub struct Tag(String);

/// What a tag says of the image that it names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum TagKind {
    /// `vX.Y.Z`: a release. Never moves.
    Version,
    /// `staging-<commit>`: built from that commit. Never moves.
    Staging,
    /// `latest`: what production runs. The only one that moves.
    Latest,
    /// Somebody else's.
    Other,
}

impl Tag {
    /// The one that moves.
    pub const LATEST: &str = "latest";
    const STAGING: &str = "staging-";

    /// The staging tag of a commit: its first 12 digits.
    ///
    /// # Errors
    /// When that is no commit's id.
    pub fn staging(revision: &str) -> Result<Self> {
        let short = revision.get(..12).unwrap_or(revision);
        let tag: Self = format!("{}{short}", Self::STAGING).parse()?;
        match tag.kind() {
            TagKind::Staging => Ok(tag),
            _ => Err(Failure::usage(format!("'{revision}' is no commit's id"))),
        }
    }

    /// The tag as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What it says.
    #[must_use]
    pub fn kind(&self) -> TagKind {
        match self.0.as_str() {
            Self::LATEST => TagKind::Latest,
            text if self.commit().is_some_and(is_commit) && text.len() > 14 => TagKind::Staging,
            text if text.strip_prefix('v').is_some_and(is_version) => TagKind::Version,
            _ => TagKind::Other,
        }
    }

    /// The commit that a staging tag names.
    #[must_use]
    pub fn commit(&self) -> Option<&str> {
        self.0.strip_prefix(Self::STAGING)
    }
}

/// Three numbers, none with a zero before it, as semantic versioning writes them.
fn is_version(text: &str) -> bool {
    let number = |part: &str| {
        let digits = !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
        digits && (part == "0" || !part.starts_with('0')) && part.len() < 10
    };
    text.split('.').count() == 3 && text.split('.').all(number)
}

fn is_commit(text: &str) -> bool {
    let digit = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
    text.len() <= 40 && text.bytes().all(digit)
}

impl FromStr for Tag {
    type Err = Failure;

    fn from_str(text: &str) -> Result<Self> {
        let word = |b: u8| b.is_ascii_alphanumeric() || b == b'_';
        let begins = text.bytes().next().is_some_and(word);
        let goes_on = text.bytes().all(|b| word(b) || b == b'.' || b == b'-');
        if begins && goes_on && text.len() <= 128 {
            return Ok(Self(text.to_owned()));
        }
        Err(
            Failure::usage(format!("'{}' is not a tag", text.escape_debug())).cause(
                "letters, digits, '_', '.' and '-', at most 128, beginning with a letter, a digit or '_'",
            ),
        )
    }
}

impl fmt::Display for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<'de> serde::Deserialize<'de> for Tag {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> std::result::Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_says_by_its_pattern_what_it_is() {
        use TagKind::{Latest, Other, Staging, Version};
        for (text, kind) in [
            ("v1.2.3", Version),
            ("v0.0.0", Version),
            ("v10.20.30", Version),
            ("v1.2", Other),
            ("v1.2.3-rc1", Other),
            ("v01.2.3", Other),
            ("1.2.3", Other),
            ("staging-abc1234", Staging),
            ("staging-0123456789abcdef0123456789abcdef01234567", Staging),
            ("staging-abc", Other),
            ("staging-", Other),
            ("staging-ABC1234", Other),
            ("staging-main-branch", Other),
            ("latest", Latest),
            ("Latest", Other),
        ] {
            assert_eq!(text.parse::<Tag>().unwrap().kind(), kind, "{text}");
        }
    }

    #[test]
    fn what_no_registry_would_hold_is_refused() {
        let long = "x".repeat(129);
        for bad in ["", ".a", "-a", "a b", "a/b", "a:b", "ü", "a\n", &long] {
            assert!(bad.parse::<Tag>().is_err(), "{bad:?} was accepted");
        }
    }

    #[test]
    fn the_staging_tag_carries_twelve_digits_of_its_commit() {
        let commit = "0123456789abcdef0123456789abcdef01234567";
        assert_eq!(
            Tag::staging(commit).unwrap().as_str(),
            "staging-0123456789ab"
        );
        assert!(Tag::staging("main").is_err());
    }
}
