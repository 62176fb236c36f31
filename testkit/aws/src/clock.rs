//! The clock of the stand-in: what its delays run on and its dates are told by.
//!
//! It goes with the machine's and jumps ahead when a test says so; it never goes back. The databases behind live in the machine's
//! time alone, so that a moment of theirs can be told from one of ours and the other way round.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use time::{OffsetDateTime, format_description::well_known::Rfc3339};

/// A moment in UTC.
pub type Moment = OffsetDateTime;

/// Shared by all services and regions.
#[derive(Debug, Default)]
pub struct Clock {
    jumps: Mutex<Jumps>,
}

#[derive(Debug, Default)]
struct Jumps {
    /// When each jump was made, by the machine's clock, and how far ahead we are since.
    made: Vec<(Moment, Duration)>,
    /// How far the endpoint's idea of a request's age is off.
    skew: time::Duration,
}

impl Clock {
    /// The moment by this clock.
    #[must_use]
    pub fn now(&self) -> Moment {
        let ahead = self.jumps().made.last().map(|(_, ahead)| *ahead);
        OffsetDateTime::now_utc() + ahead.unwrap_or_default()
    }

    /// Jumps ahead.
    pub fn advance(&self, by: Duration) {
        let mut jumps = self.jumps();
        let before = jumps.made.last().map(|(_, ahead)| *ahead);
        let ahead = before.unwrap_or_default() + by;
        jumps.made.push((OffsetDateTime::now_utc(), ahead));
    }

    /// Makes whoever signs with the machine's clock late (positive) or early by so much.
    pub fn skew_signatures(&self, by: time::Duration) {
        self.jumps().skew = by;
    }

    /// What a signature's date is held against: the machine's time, as jumps are none of a client's doing.
    pub(crate) fn of_signatures(&self) -> Moment {
        OffsetDateTime::now_utc() + self.jumps().skew
    }

    /// The machine's time at a moment of ours. What fell into a jump happened when it was made.
    pub(crate) fn on_the_machine(&self, moment: Moment) -> Moment {
        let mut found = moment;
        for (made, ahead) in &self.jumps().made {
            if moment - *ahead >= *made {
                found = moment - *ahead;
            } else if found > *made {
                found = *made;
            }
        }
        found
    }

    /// A moment of the machine's, as it was told here.
    pub(crate) fn of_the_machine(&self, machine: Moment) -> Moment {
        let jumps = self.jumps();
        let before = jumps.made.iter().rev().find(|(made, _)| *made <= machine);
        machine + before.map(|(_, ahead)| *ahead).unwrap_or_default()
    }

    fn jumps(&self) -> MutexGuard<'_, Jumps> {
        self.jumps.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// As AWS writes it in XML: with milliseconds.
pub(crate) fn written(moment: Moment) -> String {
    let milliseconds = moment.nanosecond() / 1_000_000 * 1_000_000;
    let moment = moment.replace_nanosecond(milliseconds).unwrap_or(moment);
    moment.format(&Rfc3339).unwrap_or_default()
}

/// As AWS writes it in JSON: seconds since 1970.
pub(crate) fn seconds(moment: Moment) -> serde_json::Value {
    #[expect(clippy::cast_precision_loss, reason = "milliseconds of this age fit")]
    let milliseconds = (moment.unix_timestamp_nanos() / 1_000_000) as f64;
    serde_json::json!(milliseconds / 1000.0)
}

/// As clients write it.
pub(crate) fn read(text: &str) -> Option<Moment> {
    OffsetDateTime::parse(text, &Rfc3339).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: Duration = Duration::from_secs(3600);

    #[test]
    fn a_jump_moves_the_clock_and_no_other() {
        let clock = Clock::default();
        let before = OffsetDateTime::now_utc();
        clock.advance(HOUR);
        clock.advance(HOUR);
        let ahead = clock.now() - before;
        assert_eq!(ahead.whole_hours(), 2);
    }

    #[test]
    fn a_moment_is_found_on_the_machine_on_either_side_of_a_jump() {
        let clock = Clock::default();
        let before = clock.now();
        clock.advance(HOUR);
        let after = clock.now();
        assert_eq!(clock.on_the_machine(before), before);
        assert_eq!(clock.on_the_machine(after), after - HOUR);
        assert_eq!(clock.of_the_machine(after - HOUR), after);
        assert_eq!(clock.of_the_machine(before), before);
        let inside = clock.on_the_machine(before + HOUR / 2);
        assert!(before <= inside && inside <= OffsetDateTime::now_utc());
    }

    #[test]
    fn moments_are_written_with_milliseconds_and_read_again() {
        let moment = OffsetDateTime::UNIX_EPOCH + Duration::from_micros(1_234_567);
        assert_eq!(written(moment), "1970-01-01T00:00:01.234Z");
        assert!(read("1970-01-01T00:00:01.234Z").is_some());
    }
}
