//! The two loops: one writes, one reads, each over its own connection, with a new one after any failure.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::{Instant, Interval, MissedTickBehavior, interval, timeout};

use super::super::Pace;
use super::door::Door;
use super::record::Record;
use crate::names::OperationId;
use crate::ports::{Location, Prober, ProberSession, Sent};

/// What both loops know.
#[derive(Clone)]
pub struct Errand {
    pub prober: Arc<dyn Prober>,
    pub operation: OperationId,
    pub pace: Pace,
    pub door: watch::Receiver<Door>,
    pub record: Arc<Mutex<Record>>,
    pub begun: Instant,
}

/// A connection, and where it leads.
struct Held {
    location: Location,
    session: Box<dyn ProberSession>,
}

impl Errand {
    fn note(&self) -> MutexGuard<'_, Record> {
        self.record.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn ticks(&self) -> Interval {
        let mut ticks = interval(self.pace.every.0.max(Duration::from_millis(1)));
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        ticks
    }

    fn patience(&self) -> Duration {
        self.pace.patience.0
    }

    /// A connection to where the door leads: the one that is held, or a new one.
    async fn reach(
        &self,
        held: Option<Held>,
        location: Result<Location, String>,
    ) -> Result<Held, String> {
        let location = location?;
        if let Some(held) = held.filter(|held| held.location == location) {
            return Ok(held);
        }
        match timeout(self.patience(), self.prober.connect(&location)).await {
            Ok(Ok(session)) => Ok(Held { location, session }),
            Ok(Err(failure)) => Err(first_line(&failure.to_string())),
            Err(_) => Err(format!("no connection within {}", self.pace.patience)),
        }
    }
}

/// Writes one number after the other, from `first`.
pub async fn write(errand: Errand, first: u64) {
    let (mut ticks, mut held, mut number) = (errand.ticks(), None, first);
    loop {
        ticks.tick().await;
        let location = errand.door.borrow().writes().cloned();
        let mut reached = match errand.reach(held.take(), location).await {
            Ok(reached) => reached,
            Err(why) => {
                errand.note().writes.failed(&why);
                continue;
            }
        };
        let sent = timeout(
            errand.patience(),
            reached.session.write(&errand.operation, number),
        );
        let sent = sent.await.unwrap_or_else(|_| {
            Sent::Unanswered(format!("no answer within {}", errand.pace.patience))
        });
        let at = errand.begun.elapsed();
        let mut record = errand.note();
        match sent {
            Sent::Acknowledged => {
                record.writes.answered(at);
                record.acknowledged.insert(number, at);
                held = Some(reached);
            }
            Sent::Refused(why) => record.writes.failed(&first_line(&why)),
            Sent::Unanswered(why) => {
                record.writes.failed(&first_line(&why));
                record.unanswered.insert(number);
            }
        }
        number += 1;
    }
}

/// Reads the newest number.
pub async fn read(errand: Errand) {
    let (mut ticks, mut held) = (errand.ticks(), None);
    loop {
        ticks.tick().await;
        let location = errand.door.borrow().reads().cloned();
        let mut reached = match errand.reach(held.take(), location).await {
            Ok(reached) => reached,
            Err(why) => {
                errand.note().reads.failed(&why);
                continue;
            }
        };
        let began = errand.begun.elapsed();
        let asked = timeout(errand.patience(), reached.session.read(&errand.operation));
        match asked.await {
            Ok(Ok(newest)) => {
                let mut record = errand.note();
                record.reads.answered(errand.begun.elapsed());
                record.saw(newest, began);
                drop(record);
                held = Some(reached);
            }
            Ok(Err(failure)) => errand
                .note()
                .reads
                .failed(&first_line(&failure.to_string())),
            Err(_) => {
                let why = format!("no answer within {}", errand.pace.patience);
                errand.note().reads.failed(&why);
            }
        }
    }
}

fn first_line(words: &str) -> String {
    words.lines().next().unwrap_or_default().to_owned()
}
