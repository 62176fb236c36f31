//! The secrets of this process as they are now. Read again every few seconds, and at once when somebody was refused with the ones
//! that are known. A place that cannot be read leaves what is known in place: a secret that works is better than none.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use arc_swap::ArcSwap;
use tokio::sync::{Notify, watch};
use tokio::time::MissedTickBehavior;

use super::{Secrets, SecretsError, SecretsStore, Version};
use crate::config::Secret;

/// However many are refused at once, the place for secrets is not asked more often.
const LEAST_PAUSE: Duration = Duration::from_millis(50);

/// For whoever asks a process that has no descriptor to state it beside.
pub const REVISION: &str = "secrets_revision";
/// The same of places that keep versions: 1 for each that is in use.
pub const VERSION: &str = "secrets_version";

/// Whoever is refused with a secret asks here that it be read again.
#[derive(Debug, Clone, Default)]
pub struct Reread(Arc<Notify>);

impl Reread {
    pub fn ask(&self) {
        self.0.notify_one();
    }
}

/// What is known now. Cheap to ask on every request.
#[derive(Debug, Clone)]
pub struct Live {
    now: Arc<ArcSwap<Secrets>>,
    /// The revision that is in use as a whole; 0 where the place counts none.
    in_use: Arc<AtomicU64>,
    /// The versions that were last stated.
    stated: Arc<Mutex<BTreeSet<Version>>>,
    reread: Reread,
}

impl Live {
    pub fn new(secrets: Secrets) -> Self {
        Self {
            in_use: Arc::new(secrets.revision().unwrap_or(0).into()),
            now: Arc::new(ArcSwap::from_pointee(secrets)),
            stated: Arc::default(),
            reread: Reread::default(),
        }
    }

    pub fn now(&self) -> Arc<Secrets> {
        self.now.load_full()
    }

    /// The revision of the place whose every secret this process uses: whoever rotates them waits for it.
    pub fn revision_in_use(&self) -> Option<u64> {
        Some(self.in_use.load(Ordering::SeqCst)).filter(|revision| *revision > 0)
    }

    /// Says that everything in `secrets` is in use.
    pub fn all_in_use(&self, secrets: &Secrets) {
        let revision = secrets.revision().unwrap_or(0);
        self.in_use.store(revision, Ordering::SeqCst);
        // Small whole numbers: exact.
        metrics::gauge!(REVISION).set(revision as f64);
        self.state(secrets.versions());
    }

    /// What was stated before is taken back first: nobody may read that both are in use.
    fn state(&self, versions: &BTreeSet<Version>) {
        let mut stated = self.stated.lock().unwrap_or_else(PoisonError::into_inner);
        for version in stated.difference(versions) {
            tell(version, 0.0);
        }
        for version in versions {
            tell(version, 1.0);
        }
        stated.clone_from(versions);
    }

    pub fn reread(&self) -> Reread {
        self.reread.clone()
    }

    /// The current value and the one before a rotation: both hold while clients change over.
    pub fn both(&self, name: &str) -> Vec<Secret> {
        let now = self.now.load();
        let both = [now.current(name), now.previous(name)];
        both.into_iter().flatten().cloned().collect()
    }
}

fn tell(version: &Version, value: f64) {
    let (secret, id) = (version.secret.clone(), version.id.clone());
    metrics::gauge!(VERSION, "secret" => secret, "stage" => version.stage, "version" => id)
        .set(value);
}

/// Reads again and again.
pub struct Follow {
    pub live: Live,
    pub store: Arc<dyn SecretsStore>,
    /// Stands above what the store says; from the environment, where that is allowed.
    pub above: Secrets,
    pub interval: Duration,
}

/// Uses what was read.
#[async_trait::async_trait]
pub trait Apply: Send {
    /// Called after every reading that worked, also where nothing changed: what could not be used may be usable now.
    async fn apply(&mut self, secrets: &Secrets);
}

impl Follow {
    /// Until `stop` says so.
    pub async fn run(self, mut apply: impl Apply, mut stop: watch::Receiver<bool>) {
        let mut ticks = tokio::time::interval(self.interval);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut last_problem = None;
        loop {
            let began = Instant::now();
            tokio::select! {
                _ = stop.wait_for(|stop| *stop) => return,
                _ = ticks.tick() => {}
                () = self.live.reread.0.notified() => {}
            }
            let problem = self.read_again(&mut apply).await.err();
            let problem = problem.map(|error| (error.to_string(), error.hint()));
            // Said once, not at every look.
            if let Some((error, hint)) = &problem
                && problem != last_problem
            {
                tracing::error!(error, hint, "the secrets cannot be read; those known stay");
            }
            last_problem = problem;
            tokio::time::sleep(LEAST_PAUSE.saturating_sub(began.elapsed())).await;
        }
    }

    async fn read_again(&self, apply: &mut impl Apply) -> Result<(), SecretsError> {
        let secrets = self.store.read().await?.under(&self.above);
        if secrets != **self.live.now.load() {
            self.live.now.store(Arc::new(secrets.clone()));
        }
        apply.apply(&secrets).await;
        Ok(())
    }
}
