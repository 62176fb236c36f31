//! What is known in memory: who was seen today, and whom the database has yet to be told of.

use std::collections::HashSet;
use std::sync::{PoisonError, RwLock};

use crate::database::{Day, UserId};

/// One a process.
#[derive(Debug, Default)]
pub struct Activity(RwLock<Seen>);

#[derive(Debug, Default)]
struct Seen {
    day: Option<Day>,
    users: HashSet<UserId>,
    waiting: Vec<(Day, UserId)>,
}

impl Activity {
    /// Notes that the user was here. Nearly always a look into a set.
    pub fn saw(&self, user: UserId, today: Day) {
        let known = {
            let seen = self.0.read().unwrap_or_else(PoisonError::into_inner);
            seen.day == Some(today) && seen.users.contains(&user)
        };
        if !known {
            self.note(user, today);
        }
    }

    fn note(&self, user: UserId, today: Day) {
        let mut seen = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if seen.day != Some(today) {
            seen.day = Some(today);
            seen.users.clear();
        }
        if seen.users.insert(user) {
            seen.waiting.push((today, user));
        }
    }

    /// Whom the database has to be told of; the caller's from now on.
    pub(super) fn take(&self) -> Vec<(Day, UserId)> {
        let mut seen = self.0.write().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut seen.waiting)
    }

    /// Back, because they could not be written.
    pub(super) fn put_back(&self, unwritten: Vec<(Day, UserId)>) {
        let mut seen = self.0.write().unwrap_or_else(PoisonError::into_inner);
        seen.waiting.extend(unwritten);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_is_noted_once_a_day() {
        let activity = Activity::default();
        let (today, user) = (Day::today(), UserId(uuid::Uuid::from_u128(7)));
        for _ in 0..3 {
            activity.saw(user, today);
        }
        assert_eq!(activity.take(), [(today, user)]);
        activity.saw(user, today);
        assert_eq!(activity.take(), []);
        activity.saw(user, today.plus(1));
        assert_eq!(activity.take(), [(today.plus(1), user)]);
    }
}
