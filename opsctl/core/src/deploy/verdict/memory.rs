//! What the judge must remember between two looks: since when it has seen what, and the best that a workload had reached.

use std::collections::BTreeMap;
use std::time::Duration;

/// A cause that shows again after less than this was never gone: a node that tries anew says nothing for a moment.
const SAME: Duration = Duration::from_secs(30);

/// The memory of a judge.
#[derive(Debug, Clone, Default)]
pub struct Memory {
    seen: BTreeMap<String, Seen>,
    best: BTreeMap<String, Best>,
    away: Option<Duration>,
    blind: Duration,
    whole: BTreeMap<String, (String, Duration)>,
    words: BTreeMap<String, String>,
    looks: u64,
}

#[derive(Debug, Clone, Copy)]
struct Seen {
    first: Duration,
    look: u64,
    gone: Option<Duration>,
}

#[derive(Debug, Clone, Copy)]
struct Best {
    wanted: (i64, i64),
    score: i64,
    since: Duration,
}

/// How far a workload has come, of what it wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Score {
    /// What is wanted (generation, number); another wish starts anew.
    pub wanted: (i64, i64),
    /// Grows with every step towards it.
    pub reached: i64,
}

impl Memory {
    /// The time during which the API server could be seen: only that counts against a roll-out. Also since when it is
    /// away, by the real clock.
    pub fn seeing(&mut self, away: bool, now: Duration) -> (Duration, Option<Duration>) {
        match (self.away, away) {
            (None, true) => self.away = Some(now),
            (Some(since), false) => {
                self.blind += now.saturating_sub(since);
                self.away = None;
            }
            (None, false) | (Some(_), true) => {}
        }
        let until = self.away.unwrap_or(now);
        (until.saturating_sub(self.blind), self.away)
    }

    /// How long a cause has been there.
    pub fn lasted(&mut self, key: String, now: Duration) -> Duration {
        let fresh = Seen {
            first: now,
            look: self.looks,
            gone: None,
        };
        let seen = self.seen.entry(key).or_insert(fresh);
        if seen
            .gone
            .is_some_and(|gone| now.saturating_sub(gone) > SAME)
        {
            *seen = fresh;
        }
        seen.gone = None;
        seen.look = self.looks;
        now.saturating_sub(seen.first)
    }

    /// A look at the board is over: what did not show in it is gone, for now.
    pub fn end_look(&mut self, now: Duration) {
        let look = self.looks;
        self.looks += 1;
        self.seen.retain(|_, seen| {
            if seen.look != look {
                seen.gone.get_or_insert(now);
            }
            seen.gone
                .is_none_or(|gone| now.saturating_sub(gone) <= SAME)
        });
    }

    /// How long a workload has come no further.
    pub fn still(&mut self, workload: &str, score: Score, now: Duration) -> Duration {
        let fresh = Best {
            wanted: score.wanted,
            score: score.reached,
            since: now,
        };
        let best = self.best.entry(workload.to_owned()).or_insert(fresh);
        if best.wanted != score.wanted || score.reached > best.score {
            *best = fresh;
        }
        now.saturating_sub(best.since)
    }

    /// What was last suspicious about a workload; what is so now, if anything is.
    pub fn last_words(&mut self, workload: &str, now: Option<String>) -> Option<String> {
        if let Some(now) = now {
            self.words.insert(workload.to_owned(), now);
        }
        self.words.get(workload).cloned()
    }

    /// How long a workload has been whole under the same mark; `None` while it is not.
    pub fn whole(&mut self, workload: &str, mark: Option<&str>, now: Duration) -> Option<Duration> {
        let Some(mark) = mark else {
            self.whole.remove(workload);
            return None;
        };
        let since = match self.whole.get(workload) {
            Some((known, since)) if known == mark => *since,
            _ => {
                self.whole
                    .insert(workload.to_owned(), (mark.to_owned(), now));
                now
            }
        };
        Some(now.saturating_sub(since))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn at(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn the_time_in_which_nothing_could_be_seen_does_not_count() {
        let mut memory = Memory::default();
        assert_eq!(memory.seeing(false, at(10)), (at(10), None));
        assert_eq!(memory.seeing(true, at(20)), (at(20), Some(at(20))));
        assert_eq!(memory.seeing(true, at(30)), (at(20), Some(at(20))));
        assert_eq!(memory.seeing(false, at(40)), (at(20), None));
        assert_eq!(memory.seeing(false, at(45)), (at(25), None));
    }

    fn look(memory: &mut Memory, there: bool, now: u64) -> Duration {
        let lasted = there.then(|| memory.lasted("pull".into(), at(now)));
        memory.end_look(at(now));
        lasted.unwrap_or_default()
    }

    #[test]
    fn a_cause_that_is_gone_for_a_moment_is_the_same_one() {
        let mut memory = Memory::default();
        look(&mut memory, true, 0);
        look(&mut memory, false, 10);
        assert_eq!(look(&mut memory, true, 25), at(25));
        look(&mut memory, false, 30);
        assert_eq!(look(&mut memory, true, 90), at(0));
    }

    #[test]
    fn a_cause_lasts_while_nobody_looks() {
        let mut memory = Memory::default();
        look(&mut memory, true, 0);
        assert_eq!(look(&mut memory, true, 600), at(600));
    }

    #[test]
    fn going_back_and_forth_is_no_progress() {
        let mut memory = Memory::default();
        let mut still = |reached, now| {
            memory.still(
                "api",
                Score {
                    wanted: (1, 3),
                    reached,
                },
                at(now),
            )
        };
        assert_eq!(still(5, 0), at(0));
        assert_eq!(still(4, 10), at(10));
        assert_eq!(still(5, 20), at(20));
        assert_eq!(still(6, 30), at(0));
    }

    #[test]
    fn another_wish_starts_anew() {
        let mut memory = Memory::default();
        let mut still = |wanted, now| {
            memory.still(
                "api",
                Score {
                    wanted: (1, wanted),
                    reached: 5,
                },
                at(now),
            )
        };
        assert_eq!(still(3, 0), at(0));
        assert_eq!(still(4, 60), at(0));
    }
}
