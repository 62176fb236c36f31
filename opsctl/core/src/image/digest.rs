//! The name of content by its SHA-256, as registries write it.

use std::fmt;
use std::str::FromStr;

use sha2::Digest as _;

use crate::failure::{Failure, Result};

/// `sha256:` and 64 hexadecimal digits.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(transparent)]
pub struct Digest(String);

impl Digest {
    const PREFIX: &str = "sha256:";

    /// The digest of these bytes.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        Self::from_sum(&sha2::Sha256::digest(bytes))
    }

    /// The digest that a finished SHA-256 came to.
    #[must_use]
    pub fn from_sum(sum: &[u8]) -> Self {
        Self(format!("{}{}", Self::PREFIX, hex::encode(sum)))
    }

    /// With its algorithm, as a manifest writes it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The 64 digits: a file's name.
    #[must_use]
    pub fn hex(&self) -> &str {
        self.0.strip_prefix(Self::PREFIX).unwrap_or(&self.0)
    }

    /// The first 12 digits: enough for people to tell two apart.
    #[must_use]
    pub fn short(&self) -> &str {
        self.hex().get(..12).unwrap_or(&self.0)
    }
}

impl FromStr for Digest {
    type Err = Failure;

    fn from_str(text: &str) -> Result<Self> {
        let wrong = || {
            Failure::usage(format!("'{}' is not a digest", text.escape_debug()))
                .cause("it is written sha256: and 64 lower-case hexadecimal digits")
        };
        let digits = text.strip_prefix(Self::PREFIX).ok_or_else(wrong)?;
        let hexadecimal = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
        if digits.len() != 64 || !digits.bytes().all(hexadecimal) {
            return Err(wrong());
        }
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<'de> serde::Deserialize<'de> for Digest {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> std::result::Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EMPTY: &str = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    #[test]
    fn the_digest_of_nothing_is_the_well_known_one() {
        assert_eq!(Digest::of(b"").as_str(), EMPTY);
        assert_eq!(EMPTY.parse::<Digest>().unwrap(), Digest::of(b""));
        assert_eq!(Digest::of(b"").short(), "e3b0c44298fc");
    }

    #[test]
    fn what_is_no_sha256_is_refused() {
        let upper = EMPTY.to_uppercase();
        for bad in ["", "sha256:", "sha256:e3", "md5:aa", &upper, &EMPTY[..70]] {
            assert!(bad.parse::<Digest>().is_err(), "{bad:?} was accepted");
        }
    }
}
