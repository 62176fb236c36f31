//! When a job is due, in UTC, and what becomes of the times at which nobody ran. Pure.

use chrono::{DateTime, Utc};
use croner::Cron;
use croner::errors::CronError;

use crate::database::Timestamp;

/// A schedule as rooms write it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Schedule {
    /// Minute, hour, day of the month, month, day of the week.
    pub cron: &'static str,
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
    pub fn missed(
        &self,
        last: Option<Timestamp>,
        now: Timestamp,
    ) -> Result<Vec<Timestamp>, CronError> {
        let most = match (self.catch_up, last) {
            (CatchUp::Each(most), Some(_)) => most,
            (CatchUp::Latest, _) | (CatchUp::Each(_), None) => 1,
        };
        let mut missed = Vec::new();
        let mut before = self.at_or_before(now)?;
        while let Some(due) = before {
            if missed.len() == most || last.is_some_and(|last| due <= last) {
                break;
            }
            missed.push(due);
            before = self.at_or_before(due.minus(std::time::Duration::from_secs(1)))?;
        }
        missed.reverse();
        Ok(missed)
    }

    /// The first due time after `now`.
    pub fn next(&self, now: Timestamp) -> Result<Option<Timestamp>, CronError> {
        let Some(now) = date_time(now) else {
            return Ok(None);
        };
        let next = self.times()?.find_next_occurrence(&now, false)?;
        Ok(timestamp(next))
    }

    fn at_or_before(&self, moment: Timestamp) -> Result<Option<Timestamp>, CronError> {
        let Some(moment) = date_time(moment) else {
            return Ok(None);
        };
        let before = self.times()?.find_previous_occurrence(&moment, true)?;
        Ok(timestamp(before))
    }

    fn times(&self) -> Result<Cron, CronError> {
        self.cron.parse()
    }
}

fn date_time(moment: Timestamp) -> Option<DateTime<Utc>> {
    DateTime::from_timestamp_micros(moment.microseconds())
}

fn timestamp(moment: DateTime<Utc>) -> Option<Timestamp> {
    Timestamp::from_microseconds(moment.timestamp_micros())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        let moment: DateTime<Utc> = text.parse().unwrap();
        Timestamp::from_microseconds(moment.timestamp_micros()).unwrap()
    }

    fn daily(catch_up: CatchUp) -> Schedule {
        Schedule {
            cron: "0 2 * * *",
            catch_up,
        }
    }

    fn missed(catch_up: CatchUp, last: Option<&str>, now: &str) -> Vec<String> {
        let missed = daily(catch_up).missed(last.map(at), at(now)).unwrap();
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
        let next = daily(each).next(now).unwrap().unwrap();
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
}
