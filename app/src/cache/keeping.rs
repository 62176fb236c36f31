//! The cache as resources use it: find a copy, and say what changed.

use std::sync::Arc;

use super::counts::Counts;
use super::engine::{Engine, Key, Loaded};
use super::{Epochs, Stamp, Subject};
use crate::database::{Database, Work};

/// One a process.
#[derive(Debug)]
pub struct Cache {
    epochs: Arc<Epochs>,
    database: Database,
    engine: Box<dyn Engine>,
    counts: Counts,
}

impl Cache {
    pub fn new(database: Database, epochs: Arc<Epochs>, engine: Box<dyn Engine>) -> Self {
        Self {
            epochs,
            database,
            engine,
            counts: Counts::default(),
        }
    }

    /// For what is read about these from now on; holds until one of them changes, or the database does.
    pub fn stamp(&self, subjects: &[Subject]) -> Stamp {
        self.epochs.stamp(subjects).and(self.database.epoch())
    }

    /// The copy, or what `load` reads. The stamp is from before the reading: what a change overtakes is found by nobody.
    pub async fn find<F>(&self, subject: Subject, load: impl FnOnce() -> F) -> Loaded
    where
        F: Future<Output = Loaded> + Send,
    {
        let key = Key {
            subject,
            stamp: self.stamp(&[subject]),
        };
        if let Some(entry) = self.engine.at_hand(&key) {
            self.counts.hit(subject);
            return Ok(Some(entry));
        }
        self.counts.miss(subject);
        self.engine.find(key, Box::pin(load())).await
    }

    /// Commits, and makes every copy of what changed worthless before anybody is told that it has changed; also where nobody
    /// knows whether it was committed, and where whoever asked is gone.
    pub async fn commit(&self, work: Work<'_>, changes: &[Subject]) -> Result<(), sqlx::Error> {
        let told = Change {
            epochs: &self.epochs,
            subjects: changes,
        };
        let committed = work.commit().await;
        drop(told);
        self.engine.tell(changes).await;
        committed
    }

    /// These have changed; for what is written outside of a transaction.
    pub async fn changed(&self, changes: &[Subject]) {
        for subject in changes {
            self.epochs.changed(*subject);
        }
        self.engine.tell(changes).await;
    }

    pub(super) fn counts(&self) -> &Counts {
        &self.counts
    }
}

/// Counts the changes when it is dropped.
struct Change<'a> {
    epochs: &'a Epochs,
    subjects: &'a [Subject],
}

impl Drop for Change<'_> {
    fn drop(&mut self) {
        for subject in self.subjects {
            self.epochs.changed(*subject);
        }
    }
}
