//! Counts changes. A stamp is taken before something is read and kept with it; it holds as long as nothing was counted since.
//! Subjects share counters: a change of one may make the copy of another worthless, never the other way round.

use std::sync::atomic::{AtomicU64, Ordering};

use super::Subject;

/// Counters; 32 KiB.
const SLOTS: usize = 4096;

/// How often what a copy shows had changed when it was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Stamp(u64);

impl Stamp {
    /// Also of what another counter counts. Counters only grow: the sum is the same only while each of them is.
    pub fn and(self, counted: u64) -> Self {
        Self(self.0.wrapping_add(counted))
    }
}

/// The counters of a process.
#[derive(Debug)]
pub struct Epochs {
    everything: AtomicU64,
    slots: Box<[AtomicU64]>,
}

impl Default for Epochs {
    fn default() -> Self {
        Self {
            everything: AtomicU64::new(0),
            slots: (0..SLOTS).map(|_| AtomicU64::new(0)).collect(),
        }
    }
}

impl Epochs {
    /// The stamp for what is read about these from now on.
    pub fn stamp(&self, subjects: &[Subject]) -> Stamp {
        let everything = self.everything.load(Ordering::SeqCst);
        let of_slots = subjects
            .iter()
            .map(|subject| self.slot(*subject).load(Ordering::SeqCst));
        Stamp(of_slots.fold(everything, u64::wrapping_add))
    }

    /// Something changed. Called when the change is committed and before it is answered.
    pub fn changed(&self, subject: Subject) {
        self.slot(subject).fetch_add(1, Ordering::SeqCst);
    }

    /// Nobody knows what changed.
    pub fn everything_changed(&self) {
        self.everything.fetch_add(1, Ordering::SeqCst);
    }

    fn slot(&self, subject: Subject) -> &AtomicU64 {
        let slot = usize::try_from(subject.number() >> 52).unwrap_or_default();
        &self.slots[slot % SLOTS]
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::database::{PostId, UserId};

    #[test]
    fn a_stamp_holds_until_one_of_its_subjects_changes() {
        let epochs = Epochs::default();
        let (user, post) = (
            Subject::Profile(UserId(Uuid::from_u128(7))),
            Subject::Post(PostId(Uuid::from_u128(8))),
        );
        let (of_user, of_both) = (epochs.stamp(&[user]), epochs.stamp(&[user, post]));
        epochs.changed(post);
        assert_eq!(epochs.stamp(&[user]), of_user);
        assert_ne!(epochs.stamp(&[user, post]), of_both);
        epochs.everything_changed();
        assert_ne!(epochs.stamp(&[user]), of_user);
        assert_ne!(epochs.stamp(&[user]).and(1), epochs.stamp(&[user]));
    }

    #[test]
    fn ids_of_one_moment_spread_over_the_slots() {
        let epochs = Epochs::default();
        for _ in 0..SLOTS {
            epochs.changed(Subject::Post(PostId(Uuid::now_v7())));
        }
        let used = epochs
            .slots
            .iter()
            .filter(|slot| slot.load(Ordering::SeqCst) > 0);
        // 63 % for numbers at random.
        assert!(used.count() > SLOTS / 2);
    }
}
