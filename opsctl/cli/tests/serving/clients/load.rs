//! Everybody at once, until told to stop.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::Result;
use tokio::runtime::Runtime;
use tokio::task::JoinSet;

use super::connection::{Open, Question, Site, Way};
use super::person::Person;
use super::tally::Tally;
use crate::platform::{API, AUTH};

/// So many that none of them meets the limit of a user, should one pod answer them all.
const PEOPLE: usize = 48;
/// Questions over one connection: most are kept, and there are always new ones.
const KEPT: usize = 40;
/// No answer is waited for longer.
const PATIENCE: Duration = Duration::from_secs(20);

/// A node that has just been given its first pods opens its ports within that time, however busy the machine is.
const OPENS_WITHIN: Duration = Duration::from_secs(60);

/// A running load; it ends with `end`.
pub struct Load {
    runtime: Runtime,
    people: JoinSet<()>,
    shared: Arc<Shared>,
}

struct Shared {
    api: Way,
    tally: Tally,
    /// Milliseconds between two questions of one person.
    pause: AtomicU64,
    stop: AtomicBool,
}

impl Load {
    /// Signs everybody up, and lets them ask.
    pub fn begin(site: &Arc<dyn Site>, a_second: u64) -> Self {
        let mut threads = tokio::runtime::Builder::new_multi_thread();
        let runtime = threads.worker_threads(1).enable_all().build().unwrap();
        let (api, auth) = (Way::to(site, API), Way::to(site, AUTH));
        let people = runtime.block_on(sign_up(&api, &auth)).unwrap();
        let shared = Arc::new(Shared {
            api,
            tally: Tally::new(),
            pause: AtomicU64::new(pause(a_second)),
            stop: AtomicBool::new(false),
        });
        let mut all = JoinSet::new();
        for person in people {
            all.spawn_on(read(person, Arc::clone(&shared)), runtime.handle());
        }
        Self {
            runtime,
            people: all,
            shared,
        }
    }

    /// From now on they ask so often, all together.
    pub fn pace(&self, a_second: u64) {
        self.shared.pause.store(pause(a_second), Ordering::Relaxed);
    }

    pub fn tally(&self) -> &Tally {
        &self.shared.tally
    }

    /// Lets everybody finish their question.
    pub fn end(&mut self) {
        self.shared.stop.store(true, Ordering::Relaxed);
        let people = std::mem::take(&mut self.people);
        self.runtime.block_on(people.join_all());
    }
}

fn pause(a_second: u64) -> u64 {
    1000 * u64::try_from(PEOPLE).unwrap() / a_second
}

/// Pods that are ready are known to the node's proxy a moment later; until then it turns everybody away.
async fn sign_up(api: &Way, auth: &Way) -> Result<Vec<Person>> {
    for way in [api, auth] {
        answers(way).await?;
    }
    let mut people = Vec::new();
    for number in 0..PEOPLE {
        people.push(Person::sign_up(number, api, auth).await?);
    }
    Ok(people)
}

async fn answers(way: &Way) -> Result<()> {
    let began = Instant::now();
    while let Err(error) = way.open().await {
        anyhow::ensure!(began.elapsed() < OPENS_WITHIN, "nobody answers: {error:#}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    Ok(())
}

async fn read(person: Person, shared: Arc<Shared>) {
    let mut open = None;
    let mut turn = 0;
    while !shared.stop.load(Ordering::Relaxed) {
        let question = person.question(turn);
        turn += 1;
        let began = Instant::now();
        let one = once(open.take(), &question, &shared);
        let kind = if question.token.is_some() {
            "as themselves"
        } else {
            "as a stranger"
        };
        match tokio::time::timeout(PATIENCE, one).await {
            Ok(Ok(kept)) => {
                shared.tally.answered(kind, began.elapsed());
                open = kept.filter(|_| turn % KEPT != 0);
            }
            Ok(Err(error)) => shared
                .tally
                .failed(&format!("{}: {error:#}", question.path)),
            Err(_) => shared
                .tally
                .failed(&format!("{}: no answer", question.path)),
        }
        let pause = Duration::from_millis(shared.pause.load(Ordering::Relaxed));
        tokio::time::sleep(pause.saturating_sub(began.elapsed())).await;
    }
}

/// The connection, where it can be used again.
async fn once(open: Option<Open>, question: &Question, shared: &Shared) -> Result<Option<Open>> {
    let mut open = match rested(open).await {
        Some(kept) => kept,
        None => {
            shared.tally.connected();
            shared.api.open().await?
        }
    };
    let answer = open.ask(question).await?;
    let body = || String::from_utf8_lossy(&answer.body).into_owned();
    anyhow::ensure!(answer.status.is_success(), "{}: {}", answer.status, body());
    Ok((!answer.last).then_some(open))
}

/// The connection, if nobody has closed it meanwhile.
async fn rested(open: Option<Open>) -> Option<Open> {
    let mut open = open?;
    open.rests().await.then_some(open)
}
