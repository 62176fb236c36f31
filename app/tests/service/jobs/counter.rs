//! A job that counts how often it ran, and a clock that a test turns.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use anyhow::{Context, Result};
use app::clock::Clock;
use app::database::Timestamp;
use app::http::ApiError;
use app::jobs::{CatchUp, Due, Job, Runner, Schedule, Scheduler};
use async_trait::async_trait;
use tokio::sync::Notify;

use crate::support::{Client, Engine, Place, Service};

/// What a try comes to.
pub enum Behaviour {
    Fails,
    Panics,
    /// Until it is told to end.
    Waits,
}

/// Each of its due times counts.
#[derive(Default)]
pub struct Counting {
    pub ran: Mutex<Vec<String>>,
    /// Of the next tries; after those, all succeed.
    pub behaves: Mutex<VecDeque<Behaviour>>,
    pub goes_on: Notify,
}

#[async_trait]
impl Job for Counting {
    fn kind(&self) -> &'static str {
        "test"
    }

    fn schedule(&self) -> Schedule {
        Schedule {
            every: Duration::from_hours(24),
            at: Duration::from_hours(2),
            catch_up: CatchUp::Each(7),
        }
    }

    async fn run(&self, due: Due) -> Result<(), ApiError> {
        let behaviour = locked(&self.behaves).pop_front();
        match behaviour {
            Some(Behaviour::Fails) => return Err(ApiError::Internal("it failed".into())),
            Some(Behaviour::Panics) => panic!("it panicked"),
            Some(Behaviour::Waits) => self.goes_on.notified().await,
            None => {}
        }
        let due = due.scheduled_at.with_milliseconds();
        locked(&self.ran).push(due);
        Ok(())
    }
}

fn locked<T>(shared: &Mutex<T>) -> MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A database whose service works on nothing, and the test's own hands.
pub struct Bench {
    pub place: Place,
    pub service: Service,
    pub job: Arc<Counting>,
    time: Arc<Mutex<Timestamp>>,
}

/// 2024-01-15T10:30:00Z.
pub const MORNING: i64 = 1_705_314_600_000_000;

impl Bench {
    pub async fn new(engine: Engine) -> Result<Self> {
        let place = Place::primary(engine).await?;
        let pairs = [("DATABASE_URL", place.url.as_str())];
        let service = Service::start(app::config::Role::Api, &pairs).await??;
        let morning = Timestamp::from_microseconds(MORNING).context("a moment")?;
        Ok(Self {
            place,
            service,
            job: Arc::default(),
            time: Arc::new(Mutex::new(morning)),
        })
    }

    pub fn passes(&self, seconds: u64) {
        let mut time = locked(&self.time);
        *time = time.plus(Duration::from_secs(seconds));
    }

    pub fn scheduler(&self) -> Scheduler {
        let clock = Clock::Set(Arc::clone(&self.time));
        let job: Arc<dyn Job> = self.job.clone();
        Scheduler::new(self.service.database().clone(), clock, job)
    }

    pub fn runner(&self) -> Runner {
        Runner {
            database: self.service.database().clone(),
            clock: Clock::Set(Arc::clone(&self.time)),
            job: self.job.clone(),
            says_every: Duration::from_millis(50),
        }
    }

    pub fn behaves(&self, behaviour: impl IntoIterator<Item = Behaviour>) {
        locked(&self.job.behaves).extend(behaviour);
    }

    /// Whether every behaviour that was asked for has been taken up.
    pub fn is_begun(&self) -> bool {
        locked(&self.job.behaves).is_empty()
    }

    pub fn ran(&self) -> Vec<String> {
        locked(&self.job.ran).clone()
    }

    /// How many jobs there are in each state.
    pub async fn states(&self) -> Result<Vec<String>> {
        let states = "SELECT state || ' ' || count(*) AS x FROM jobs GROUP BY state ORDER BY state";
        self.place.texts(states).await
    }

    pub async fn admin(&self) -> Result<Client> {
        self.service.admin(&self.place).await
    }
}
