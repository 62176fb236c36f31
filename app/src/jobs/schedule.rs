//! When a job is due, in UTC, and what becomes of the times at which nobody ran. Pure.

use std::time::Duration;

use crate::database::Timestamp;

/// A schedule as rooms write it. UTC knows no summer time, so a period that divides the day is due at the same times every day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Schedule {
    /// How long from one due time to the next.
    pub every: Duration,
    /// How far into each period it is due: periods are counted from midnight.
    pub at: Duration,
    pub catch_up: CatchUp,
}

/// What is done about due times that were missed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CatchUp {
    /// Once: the last of them stands for all.
    Latest,
    /// Each of the last so many, because each is about something of its own.
    Each(usize),
}

impl Schedule {
    /// The times that are due at `now` and were not scheduled yet, oldest first. Where nothing ever was, the last due time alone.
    pub fn missed(&self, last: Option<Timestamp>, now: Timestamp) -> Vec<Timestamp> {
        let most = match (self.catch_up, last) {
            (CatchUp::Each(most), Some(_)) => most,
            (CatchUp::Latest, _) | (CatchUp::Each(_), None) => 1,
        };
        let times = std::iter::successors(Some(self.at_or_before(now)), |due| {
            Some(due.minus(self.every))
        });
        let mut missed: Vec<_> = times
            .take(most)
            .take_while(|due| last.is_none_or(|last| *due > last))
            .collect();
        missed.reverse();
        missed
    }

    /// The first due time after `now`.
    pub fn next(&self, now: Timestamp) -> Timestamp {
        self.at_or_before(now).plus(self.every)
    }

    fn at_or_before(&self, moment: Timestamp) -> Timestamp {
        let length = i128::try_from(self.every.as_micros()).unwrap_or(i128::MAX);
        let shift = i128::try_from(self.at.as_micros()).unwrap_or_default();
        let into = (i128::from(moment.microseconds()) - shift).rem_euclid(length.max(1));
        moment.minus(Duration::from_micros(
            u64::try_from(into).unwrap_or_default(),
        ))
    }
}

#[cfg(test)]
mod tests {
    use time::OffsetDateTime;
    use time::format_description::well_known::Rfc3339;

    use super::*;

    fn at(text: &str) -> Timestamp {
        let moment = OffsetDateTime::parse(text, &Rfc3339).unwrap();
        let microseconds = moment.unix_timestamp_nanos() / 1000;
        Timestamp::from_microseconds(i64::try_from(microseconds).unwrap()).unwrap()
    }

    fn daily(catch_up: CatchUp) -> Schedule {
        Schedule {
            every: Duration::from_hours(24),
            at: Duration::from_hours(2),
            catch_up,
        }
    }

    fn missed(catch_up: CatchUp, last: Option<&str>, now: &str) -> Vec<String> {
        let missed = daily(catch_up).missed(last.map(at), at(now));
        missed.iter().map(|due| due.with_milliseconds()).collect()
    }

    #[test]
    fn a_time_is_due_from_its_first_moment_on() {
        let last = Some("2026-03-07T02:00:00Z");
        let none: [&str; 0] = [];
        let each = CatchUp::Each(7);
        assert_eq!(missed(each, last, "2026-03-08T01:59:59.999Z"), none);
        let due = ["2026-03-08T02:00:00.000Z"];
        assert_eq!(missed(each, last, "2026-03-08T02:00:00Z"), due);
        assert_eq!(missed(each, last, "2026-03-09T01:00:00.5Z"), due);
        let now = at("2026-03-08T02:00:00Z");
        let next = daily(each).next(now);
        assert_eq!(next.with_milliseconds(), "2026-03-09T02:00:00.000Z");
    }

    #[test]
    fn what_was_missed_is_caught_up_within_its_bounds() {
        let now = "2026-03-10T12:00:00Z";
        let last = Some("2026-03-07T02:00:00Z");
        assert_eq!(
            missed(CatchUp::Each(7), last, now),
            [
                "2026-03-08T02:00:00.000Z",
                "2026-03-09T02:00:00.000Z",
                "2026-03-10T02:00:00.000Z"
            ]
        );
        assert_eq!(missed(CatchUp::Each(2), last, now).len(), 2);
        let latest = ["2026-03-10T02:00:00.000Z"];
        assert_eq!(missed(CatchUp::Latest, last, now), latest);
        assert_eq!(missed(CatchUp::Each(7), None, now), latest);
        assert_eq!(missed(CatchUp::Latest, None, now), latest);
    }

    #[test]
    fn a_clock_that_was_turned_back_makes_nothing_due_again() {
        let last = Some("2026-03-10T02:00:00Z");
        assert!(missed(CatchUp::Each(7), last, "2026-03-09T12:00:00Z").is_empty());
    }

    #[test]
    fn periods_are_counted_from_midnight() {
        let schedule = Schedule {
            every: Duration::from_mins(10),
            at: Duration::ZERO,
            catch_up: CatchUp::Latest,
        };
        for (now, next) in [
            ("2026-03-10T11:59:59.999Z", "2026-03-10T12:00:00.000Z"),
            ("2026-03-10T12:00:00Z", "2026-03-10T12:10:00.000Z"),
            ("2026-12-31T23:57:00Z", "2027-01-01T00:00:00.000Z"),
        ] {
            assert_eq!(schedule.next(at(now)).with_milliseconds(), next);
        }
    }
}
