//! Spans of time as people write them: `15s`, `1h`, `30d`.

use std::fmt;
use std::time::Duration;

use crate::failure::{Failure, Result};

/// A span of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span(pub Duration);

impl Span {
    /// A span of so many seconds.
    #[must_use]
    pub const fn seconds(seconds: u64) -> Self {
        Self(Duration::from_secs(seconds))
    }

    /// A span of so many days.
    #[must_use]
    pub const fn days(days: u64) -> Self {
        Self::seconds(days * 86_400)
    }
}

impl std::str::FromStr for Span {
    type Err = Failure;

    fn from_str(text: &str) -> Result<Self> {
        humantime::parse_duration(text).map(Self).map_err(|error| {
            Failure::usage(format!("'{text}' is not a span of time"))
                .because(error)
                .hint("write it as 90s, 15m, 24h or 30d")
        })
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.0.as_secs();
        match seconds {
            // 24h stays 24h: promises are spoken of in the units they were written in.
            s if s > 86_400 && s.is_multiple_of(86_400) => write!(f, "{}d", s / 86_400),
            _ => humantime::format_duration(self.0).fmt(f),
        }
    }
}

impl serde::Serialize for Span {
    fn serialize<S: serde::Serializer>(&self, into: S) -> std::result::Result<S::Ok, S::Error> {
        into.collect_str(self)
    }
}

impl<'de> serde::Deserialize<'de> for Span {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> std::result::Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}
