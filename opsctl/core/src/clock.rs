//! Time as an input. Wall time is for people; leases and deadlines go by the monotonic clock.

use std::time::{Duration, Instant};

use time::OffsetDateTime;

/// A moment in UTC, written as RFC 3339.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(pub OffsetDateTime);

impl Timestamp {
    /// Parses RFC 3339; a time without a zone is refused.
    ///
    /// # Errors
    /// Usage, naming the expected form.
    pub fn parse(text: &str) -> crate::Result<Self> {
        OffsetDateTime::parse(text, &time::format_description::well_known::Rfc3339)
            .map(|moment| Self(moment.to_offset(time::UtcOffset::UTC)))
            .map_err(|error| {
                crate::Failure::usage(format!("'{text}' is not a time with a zone"))
                    .because(error)
                    .hint("write it as RFC 3339, for example 2026-11-23T06:15:00Z")
            })
    }

    /// How long ago this was, seen from `now`; zero when it lies ahead.
    #[must_use]
    pub fn age(self, now: Self) -> Duration {
        Duration::try_from(now.0 - self.0).unwrap_or_default()
    }

    /// The moment `span` later.
    #[must_use]
    pub fn plus(self, span: Duration) -> Self {
        Self(
            self.0
                .saturating_add(time::Duration::try_from(span).unwrap_or(time::Duration::MAX)),
        )
    }

    /// The moment `span` earlier.
    #[must_use]
    pub fn minus(self, span: Duration) -> Self {
        Self(
            self.0
                .saturating_sub(time::Duration::try_from(span).unwrap_or(time::Duration::MAX)),
        )
    }

    /// `2026-11-23T06:15:00Z`: for people, who don't count in nanoseconds.
    #[must_use]
    pub fn to_the_second(self) -> String {
        Self(self.0.truncate_to_second()).to_string()
    }

    /// `20261123t061500z`: for names.
    #[must_use]
    pub fn compact(self) -> String {
        let t = self.0;
        format!(
            "{:04}{:02}{:02}t{:02}{:02}{:02}z",
            t.year(),
            u8::from(t.month()),
            t.day(),
            t.hour(),
            t.minute(),
            t.second()
        )
    }
}

impl std::fmt::Display for Timestamp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let text = self
            .0
            .format(&time::format_description::well_known::Rfc3339);
        f.write_str(&text.map_err(|_| std::fmt::Error)?)
    }
}

impl serde::Serialize for Timestamp {
    fn serialize<S: serde::Serializer>(&self, into: S) -> Result<S::Ok, S::Error> {
        time::serde::rfc3339::serialize(&self.0, into)
    }
}

impl<'de> serde::Deserialize<'de> for Timestamp {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        time::serde::rfc3339::deserialize(from)
            .map(|moment| Self(moment.to_offset(time::UtcOffset::UTC)))
    }
}

/// Where time comes from.
pub trait Clock: Send + Sync {
    /// The wall clock, for records and people; it may jump.
    fn now(&self) -> Timestamp;

    /// The monotonic clock, for leases and deadlines; it never jumps.
    fn monotonic(&self) -> Instant {
        Instant::now()
    }
}

/// The clock of this machine.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        Timestamp(OffsetDateTime::now_utc())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_without_a_zone_is_refused() {
        assert!(Timestamp::parse("2026-11-23T06:15:00").is_err());
    }

    #[test]
    fn a_time_in_another_zone_is_told_in_utc() {
        let moment = Timestamp::parse("2026-11-23T08:15:00+02:00").unwrap();
        assert_eq!(moment.to_string(), "2026-11-23T06:15:00Z");
    }

    #[test]
    fn people_are_told_whole_seconds() {
        let moment = Timestamp::parse("2026-11-23T06:15:00.123456789Z").unwrap();
        assert_eq!(moment.to_the_second(), "2026-11-23T06:15:00Z");
    }

    #[test]
    fn the_age_of_the_future_is_zero() {
        let now = Timestamp::parse("2026-11-23T06:15:00Z").unwrap();
        assert_eq!(now.plus(Duration::from_secs(5)).age(now), Duration::ZERO);
    }
}
