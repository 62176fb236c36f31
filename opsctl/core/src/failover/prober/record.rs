//! What the prober notes. Pure: moments come in, as spans since it began.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// So many different words of failures are kept.
const WORDS: usize = 5;

/// The longest time between two answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gap {
    /// The last answer before it.
    pub from: Duration,
    /// The first one after it.
    pub to: Duration,
}

impl Gap {
    /// How long it was.
    pub const fn length(self) -> Duration {
        self.to.saturating_sub(self.from)
    }
}

/// One kind of question: writes, or reads.
#[derive(Debug, Clone, Default)]
pub struct Lane {
    last: Option<Duration>,
    longest: Option<Gap>,
    answered: u64,
    failed: u64,
    words: Vec<String>,
}

impl Lane {
    /// It was answered.
    pub fn answered(&mut self, at: Duration) {
        if let Some(from) = self.last {
            self.stretch(Gap { from, to: at });
        }
        self.last = Some(at);
        self.answered += 1;
    }

    /// It was not, or with a no.
    pub fn failed(&mut self, why: &str) {
        self.failed += 1;
        if self.words.len() < WORDS && !self.words.iter().any(|known| known == why) {
            self.words.push(why.to_owned());
        }
    }

    /// Nothing more is asked: what has not been answered by now is a gap too.
    pub fn end(&mut self, at: Duration) {
        if let Some(from) = self.last {
            self.stretch(Gap { from, to: at });
        }
    }

    fn stretch(&mut self, gap: Gap) {
        if self
            .longest
            .is_none_or(|known| known.length() < gap.length())
        {
            self.longest = Some(gap);
        }
    }

    /// The longest gap; `None` before the second answer.
    pub const fn longest(&self) -> Option<Gap> {
        self.longest
    }

    /// How many were answered.
    pub const fn count(&self) -> u64 {
        self.answered
    }

    /// How many were not.
    pub const fn failures(&self) -> u64 {
        self.failed
    }

    /// What was said instead of an answer.
    pub fn words(&self) -> &[String] {
        &self.words
    }
}

/// Everything that was noted.
#[derive(Debug, Clone, Default)]
pub struct Record {
    /// Writes.
    pub writes: Lane,
    /// Reads.
    pub reads: Lane,
    /// The numbers that the database said it keeps, and when it said so.
    pub acknowledged: BTreeMap<u64, Duration>,
    /// The numbers that nobody answered for.
    pub unanswered: BTreeSet<u64>,
    /// The longest that a read did not show what had been acknowledged before it began.
    pub stale: Duration,
}

impl Record {
    /// A read that began at `asked` saw `newest`.
    pub fn saw(&mut self, newest: Option<u64>, asked: Duration) {
        let unseen = newest.map_or(0, |number| number + 1);
        let missed = self.acknowledged.range(unseen..).next();
        if let Some((_, at)) = missed {
            self.stale = self.stale.max(asked.saturating_sub(*at));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn ms(milliseconds: u64) -> Duration {
        Duration::from_millis(milliseconds)
    }

    fn lane(answers: &[u64]) -> Lane {
        let mut lane = Lane::default();
        for at in answers {
            lane.answered(ms(*at));
        }
        lane
    }

    #[test]
    fn the_longest_gap_lies_between_two_answers() {
        let gap = lane(&[0, 50, 3050, 3100]).longest().unwrap();
        assert_eq!((gap.from, gap.to), (ms(50), ms(3050)));
    }

    #[test]
    fn a_gap_that_never_ended_is_as_long_as_it_was_watched() {
        let mut lane = lane(&[0, 50]);
        lane.end(ms(9050));
        assert_eq!(lane.longest().unwrap().length(), ms(9000));
    }

    #[test]
    fn a_read_that_shows_less_than_was_acknowledged_before_it_is_stale() {
        let mut record = Record::default();
        for number in 1..=3 {
            record.acknowledged.insert(number, ms(number * 100));
        }
        record.saw(Some(3), ms(900));
        assert_eq!(record.stale, Duration::ZERO);
        record.saw(Some(2), ms(250));
        assert_eq!(record.stale, Duration::ZERO, "it was acknowledged later");
        record.saw(Some(1), ms(700));
        assert_eq!(record.stale, ms(500));
        record.saw(None, ms(650));
        assert_eq!(record.stale, ms(550));
    }

    #[test]
    fn before_the_first_answer_there_is_no_gap() {
        let mut lane = Lane::default();
        lane.failed("nobody answers");
        lane.answered(ms(4000));
        assert_eq!(lane.longest(), None);
    }

    #[test]
    fn the_same_words_are_kept_once_and_not_without_end() {
        let mut lane = Lane::default();
        for number in 0..20 {
            lane.failed("fenced");
            lane.failed(&format!("word {number}"));
        }
        assert_eq!(lane.words().len(), WORDS);
        assert_eq!(lane.failures(), 40);
    }
}
