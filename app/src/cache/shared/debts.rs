//! Changes that others have to be told of and were not yet.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard};
use std::time::Instant;

use crate::cache::Subject;
use crate::cache::memory::LASTS;

/// One change, and when it was.
pub(super) type Debt = (Instant, Subject);

#[derive(Debug, Default)]
struct Owed {
    waiting: VecDeque<Debt>,
    /// Being told at this moment.
    in_hand: usize,
}

/// In the order in which they happened.
#[derive(Debug, Default)]
pub(super) struct Debts(Mutex<Owed>);

impl Debts {
    pub fn owe(&self, subjects: &[Subject]) {
        let now = Instant::now();
        let mut owed = self.owed();
        owed.waiting
            .extend(subjects.iter().map(|subject| (now, *subject)));
        forget(&mut owed.waiting, now);
    }

    /// Everything that is owed, to be told now. Put back, or told, when it is dropped.
    pub fn take(&self) -> InHand<'_> {
        let mut owed = self.owed();
        let debts: Vec<Debt> = owed.waiting.drain(..).collect();
        owed.in_hand += debts.len();
        InHand {
            of: self,
            count: debts.len(),
            debts,
        }
    }

    /// Whether everybody was told of everything.
    pub fn are_settled(&self) -> bool {
        let owed = self.owed();
        owed.waiting.is_empty() && owed.in_hand == 0
    }

    fn owed(&self) -> MutexGuard<'_, Owed> {
        self.0
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

/// Debts that somebody is telling.
pub(super) struct InHand<'a> {
    of: &'a Debts,
    count: usize,
    debts: Vec<Debt>,
}

impl InHand<'_> {
    pub fn subjects(&self) -> impl Iterator<Item = Subject> {
        self.debts.iter().map(|(_, subject)| *subject)
    }

    pub fn told(mut self) {
        self.debts.clear();
    }
}

impl Drop for InHand<'_> {
    fn drop(&mut self) {
        let mut owed = self.of.owed();
        owed.in_hand -= self.count;
        for debt in self.debts.drain(..).rev() {
            owed.waiting.push_front(debt);
        }
        forget(&mut owed.waiting, Instant::now());
    }
}

/// A copy from before a change this old has ended by itself.
fn forget(waiting: &mut VecDeque<Debt>, now: Instant) {
    while waiting
        .front()
        .is_some_and(|(since, _)| now.duration_since(*since) > LASTS)
    {
        waiting.pop_front();
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::database::PostId;

    #[test]
    fn what_was_not_told_is_owed_in_its_order() {
        let debts = Debts::default();
        let posts = [1, 2, 3].map(|number| Subject::Post(PostId(Uuid::from_u128(number))));
        debts.owe(&posts[..2]);
        let in_hand = debts.take();
        debts.owe(&posts[2..]);
        assert!(!debts.are_settled());
        drop(in_hand);
        let in_hand = debts.take();
        assert!(in_hand.subjects().eq(posts));
        assert!(!debts.are_settled());
        in_hand.told();
        assert!(debts.are_settled());
    }
}
