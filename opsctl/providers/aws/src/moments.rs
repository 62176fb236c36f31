//! AWS's moments and ours: every service tells them by the same type.

use aws_sdk_rds::primitives::DateTime;
use opsctl_core::clock::Timestamp;
use time::OffsetDateTime;

/// A moment as AWS told it.
pub fn told(moment: Option<&DateTime>) -> Option<Timestamp> {
    let nanoseconds = moment?.as_nanos();
    OffsetDateTime::from_unix_timestamp_nanos(nanoseconds)
        .ok()
        .map(Timestamp)
}

/// A moment as AWS is asked for it.
pub fn asked(moment: Timestamp) -> DateTime {
    let nanoseconds = moment.0.unix_timestamp_nanos();
    let seconds = nanoseconds.div_euclid(1_000_000_000);
    let rest = nanoseconds.rem_euclid(1_000_000_000);
    DateTime::from_secs_and_nanos(
        i64::try_from(seconds).unwrap_or(i64::MAX),
        u32::try_from(rest).unwrap_or_default(),
    )
}
