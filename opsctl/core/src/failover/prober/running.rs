//! A prober at work. It ends when this is dropped.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{Instant, MissedTickBehavior, interval, sleep};

use super::super::Pace;
use super::door::Door;
use super::lanes::{Errand, read, write};
use super::record::Record;
use crate::clock::Timestamp;
use crate::failure::{Failure, Result};
use crate::names::OperationId;
use crate::ports::{Prober, World};

/// Between two looks at whether it was answered.
const GLANCE: Duration = Duration::from_millis(5);

/// How a prober begins.
#[derive(Clone)]
pub struct Beginning {
    /// Who stands in for users.
    pub prober: Arc<dyn Prober>,
    /// Whose rows these are.
    pub operation: OperationId,
    /// How often it asks.
    pub pace: Pace,
    /// The first number.
    pub first: u64,
    /// Another one, of a run that died, came before it.
    pub interrupted: bool,
}

/// The prober at work.
pub struct Running {
    record: Arc<Mutex<Record>>,
    tasks: JoinSet<()>,
    begun: Instant,
    /// When it began, by opsctl's clock.
    pub began_at: Timestamp,
    /// Whether another one, of a run that died, came before it.
    pub interrupted: bool,
}

impl Running {
    /// Begins.
    pub async fn begin(world: &World, beginning: Beginning) -> Self {
        let record = Arc::new(Mutex::new(Record::default()));
        let (sender, door) = watch::channel(Door::look(world, &Door::default()).await);
        let begun = Instant::now();
        let errand = Errand {
            prober: beginning.prober,
            operation: beginning.operation,
            pace: beginning.pace,
            door,
            record: Arc::clone(&record),
            begun,
        };
        let mut tasks = JoinSet::new();
        tasks.spawn(watch_door(world.clone(), beginning.pace, sender));
        tasks.spawn(write(errand.clone(), beginning.first));
        tasks.spawn(read(errand));
        Self {
            record,
            tasks,
            begun,
            began_at: world.clock.now(),
            interrupted: beginning.interrupted,
        }
    }

    /// How many writes and reads were answered.
    pub fn answered(&self) -> (u64, u64) {
        let record = self.record.lock().unwrap_or_else(PoisonError::into_inner);
        (record.writes.count(), record.reads.count())
    }

    /// Waits until so many more writes and reads are answered.
    ///
    /// # Errors
    /// With the words of the last refusals when they are not within `limit`.
    pub async fn answers(&self, more: u64, limit: Duration) -> Result<()> {
        let (writes, reads) = self.answered();
        let begun = Instant::now();
        loop {
            let (w, r) = self.answered();
            if w >= writes + more && r >= reads + more {
                return Ok(());
            }
            if begun.elapsed() >= limit {
                return Err(self.silence(limit));
            }
            sleep(GLANCE).await;
        }
    }

    fn silence(&self, limit: Duration) -> Failure {
        let record = self.record.lock().unwrap_or_else(PoisonError::into_inner);
        let within = crate::environment::Span(limit);
        let mut failure = Failure::failed(format!(
            "writes and reads of the prober are not answered within {within}"
        ));
        let words = record.writes.words().iter().chain(record.reads.words());
        failure.causes = words.cloned().collect();
        failure
    }

    /// Ends it; what it noted.
    pub async fn end(mut self) -> Record {
        self.tasks.shutdown().await;
        let at = self.begun.elapsed();
        let mut record = self
            .record
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        record.writes.end(at);
        record.reads.end(at);
        record
    }
}

async fn watch_door(world: World, pace: Pace, sender: watch::Sender<Door>) {
    let mut ticks = interval(pace.every.0.max(Duration::from_millis(1)));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        let before = sender.borrow().clone();
        let now = Door::look(&world, &before).await;
        if sender.send(now).is_err() {
            return;
        }
    }
}
