//! Which backups may go. Pure: backups, pins, drills and the time in; a decision for each out.
//!
//! Age alone never decides. A clock that jumps makes every backup old at once, and so do backups that
//! stopped: the wait since the newest one, and a leap in time between two, count no more than the longest
//! wait that is still in order.

use std::fmt;
use std::time::Duration;

use crate::clock::Timestamp;
use crate::environment::Span;
use crate::ports::BackupRecord;

/// Whether a backup's files are what its manifest says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Health {
    /// They were compared, and are.
    Good,
    /// They were compared, and are not; this is the first fault.
    Broken(String),
    /// Nobody compared them.
    Unknown,
}

/// A backup that is judged.
#[derive(Debug, Clone)]
pub struct Candidate {
    /// What it knows of itself.
    pub record: BackupRecord,
    /// Whether it is sound.
    pub health: Health,
    /// Why somebody needs it, for each pin that counts.
    pub pins: Vec<String>,
    /// True when a drill restored it and every promise held.
    pub drilled: bool,
}

/// The rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Policy {
    /// Kept at least this long.
    pub retention: Span,
    /// So many good ones are kept, whatever their age.
    pub floor: u32,
    /// The longest wait between two backups that is still in order.
    pub stale_after: Span,
}

impl Policy {
    /// How many good ones are kept: the newest one always.
    #[must_use]
    pub fn floor(&self) -> usize {
        self.floor.max(1) as usize
    }
}

/// Why a backup stays.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Keep {
    /// It is not old enough.
    Young,
    /// It is among the newest good ones.
    Floor,
    /// No newer one passed a drill.
    NewestDrilled,
    /// Somebody needs it.
    Pinned(String),
    /// It was taken in the future.
    FromTheFuture,
}

impl fmt::Display for Keep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Young => f.write_str("younger than the retention"),
            Self::Floor => f.write_str("one of the newest good ones, kept whatever their age"),
            Self::NewestDrilled => f.write_str("the newest one that passed a drill"),
            Self::Pinned(why) => write!(f, "pinned: {why}"),
            Self::FromTheFuture => f.write_str("taken in the future: a clock is wrong"),
        }
    }
}

/// What is decided of one backup.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// How old it counts; leaps in time are shortened.
    pub age: Duration,
    /// Why it stays; empty: it may go.
    pub keep: Vec<Keep>,
}

impl Decision {
    /// True when nothing keeps it.
    #[must_use]
    pub const fn goes(&self) -> bool {
        self.keep.is_empty()
    }
}

/// Decides for each candidate, in their order.
#[must_use]
pub fn decide(candidates: &[Candidate], policy: &Policy, now: Timestamp) -> Vec<Decision> {
    let order = newest_first(candidates);
    let past: Vec<usize> = order
        .iter()
        .copied()
        .filter(|&i| taken(&candidates[i]) <= now)
        .collect();
    let ages = ages(candidates, &past, policy, now);
    let mut keep: Vec<Vec<Keep>> = candidates
        .iter()
        .map(|candidate| candidate.pins.iter().cloned().map(Keep::Pinned).collect())
        .collect();
    for (i, candidate) in candidates.iter().enumerate() {
        if taken(candidate) > now {
            keep[i].push(Keep::FromTheFuture);
        } else if ages[i] <= policy.retention.0 {
            keep[i].push(Keep::Young);
        }
    }
    // What was taken in the future does not stand in for a backup of this time.
    for kept in [&past, &order] {
        for i in newest_good(candidates, kept, policy.floor()) {
            add(&mut keep[i], Keep::Floor);
        }
        let drilled = |&&i: &&usize| {
            candidates[i].drilled && !matches!(candidates[i].health, Health::Broken(_))
        };
        if let Some(&i) = kept.iter().find(drilled) {
            add(&mut keep[i], Keep::NewestDrilled);
        }
    }
    ages.into_iter()
        .zip(keep)
        .map(|(age, keep)| Decision { age, keep })
        .collect()
}

fn taken(candidate: &Candidate) -> Timestamp {
    candidate.record.recovery_point.taken_at
}

/// By the time that the data was taken; names only break a tie.
pub(super) fn newest_first(candidates: &[Candidate]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..candidates.len()).collect();
    order.sort_by(|&a, &b| {
        let key = |i: usize| (taken(&candidates[i]), &candidates[i].record.id);
        key(b).cmp(&key(a))
    });
    order
}

/// The newest good ones. Should too few be known to be good, the unknown ones are given the benefit.
fn newest_good(candidates: &[Candidate], order: &[usize], floor: usize) -> Vec<usize> {
    let with = |good: fn(&Health) -> bool| {
        let chosen = order.iter().copied();
        chosen
            .filter(move |&i| good(&candidates[i].health))
            .take(floor)
            .collect::<Vec<_>>()
    };
    let good = with(|health| *health == Health::Good);
    if good.len() == floor {
        return good;
    }
    let mut chosen = with(|health| !matches!(health, Health::Broken(_)));
    chosen.extend(good);
    chosen
}

fn add(keep: &mut Vec<Keep>, reason: Keep) {
    if !keep.contains(&reason) {
        keep.push(reason);
    }
}

/// The age of each backup: the sum of the waits since, a leap counting as one wait in order.
fn ages(
    candidates: &[Candidate],
    newest_first: &[usize],
    policy: &Policy,
    now: Timestamp,
) -> Vec<Duration> {
    let (in_order, leap) = (
        policy.stale_after.0,
        policy.retention.0.max(policy.stale_after.0),
    );
    let between = |wait: Duration| if wait > leap { in_order } else { wait };
    let mut ages = vec![Duration::ZERO; candidates.len()];
    let (mut age, mut since) = (Duration::ZERO, now);
    for (place, &i) in newest_first.iter().enumerate() {
        let wait = taken(&candidates[i]).age(since);
        age = age.saturating_add(match place {
            // While no new backup comes, the ones that are there do not grow older.
            0 => wait.min(in_order),
            _ => between(wait),
        });
        since = taken(&candidates[i]);
        ages[i] = age;
    }
    ages
}
