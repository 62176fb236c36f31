//! The cache as resources use it: find a copy, and say what changed.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tracing::{Instrument, Span, field};

use super::counts::Counts;
use super::engine::{Engine, Key, Loaded, Place};
use super::{Epochs, Stamp, Subject};
use crate::database::{Database, Work};
use crate::telemetry::traces::SPANS;

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
    pub async fn find<F>(&self, subject: Subject, load: impl FnOnce() -> F + Send) -> Loaded
    where
        F: Future<Output = Loaded> + Send,
    {
        let cache = subject.cache();
        let span = tracing::info_span!(target: SPANS, "cache", cache, hit = field::Empty);
        self.find_in(&span, subject, load)
            .instrument(span.clone())
            .await
    }

    async fn find_in<F>(
        &self,
        span: &Span,
        subject: Subject,
        load: impl FnOnce() -> F + Send,
    ) -> Loaded
    where
        F: Future<Output = Loaded> + Send,
    {
        let key = Key {
            subject,
            stamp: self.stamp(&[subject]),
        };
        if let Some(entry) = self.engine.at_hand(&key) {
            self.counts.hit(subject);
            span.record("hit", true);
            return Ok(Some(entry));
        }
        let missed = AtomicBool::new(false);
        let load = async {
            missed.store(true, Ordering::Relaxed);
            load().await
        };
        let found = self.engine.find(key, Box::pin(load)).await;
        let missed = missed.into_inner();
        span.record("hit", !missed);
        match missed {
            true => self.counts.miss(subject),
            false => self.counts.hit(subject),
        }
        found
    }

    /// Commits, and makes every copy of what changed worthless before anybody is told that it has changed; also where nobody
    /// knows whether it was committed, and where whoever asked is gone.
    pub async fn commit(&self, work: Work<'_>, changes: &[Subject]) -> Result<(), sqlx::Error> {
        let change = Change {
            cache: self,
            subjects: changes,
        };
        let committed = work.commit().await;
        drop(change);
        self.engine.settle().await;
        committed
    }

    /// These have changed; for what is written outside of a transaction.
    pub async fn changed(&self, changes: &[Subject]) {
        drop(Change {
            cache: self,
            subjects: changes,
        });
        self.engine.settle().await;
    }

    /// Look-ups since the start that found a copy, and those that had to ask the database.
    pub fn totals(&self) -> (u64, u64) {
        self.counts.totals()
    }

    pub fn place(&self) -> Place {
        self.engine.place()
    }

    pub(super) fn counts(&self) -> &Counts {
        &self.counts
    }
}

/// Counts the changes when it is dropped, and notes that others have to be told.
struct Change<'a> {
    cache: &'a Cache,
    subjects: &'a [Subject],
}

impl Drop for Change<'_> {
    fn drop(&mut self) {
        for subject in self.subjects {
            self.cache.epochs.changed(*subject);
        }
        self.cache.engine.owe(self.subjects);
    }
}
