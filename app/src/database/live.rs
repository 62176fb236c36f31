//! The database of this moment. Requests ask here for a `Reader` or a `Writer`; the one behind it can be exchanged while they
//! run. Only what came in through `write` can write, and everything that did is waited for.

use std::pin::pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, RwLock};

use uuid::Uuid;

use super::engine::Connections;
use super::gate::Gate;
use super::hands::{Reader, Writer};
use super::session::{AT_ONCE, Session};
use super::{Access, ConnectOptions, DatabaseError, Identity, Mode, Replica, Unavailable};
use crate::config::Secret;

/// Handed to every request; clones share one state.
#[derive(Debug, Clone)]
pub struct Database {
    current: Arc<RwLock<Option<Arc<Session>>>>,
    gate: Gate,
    generation: Arc<AtomicU64>,
    /// How often what was read before stopped to be the truth.
    epoch: Arc<AtomicU64>,
    replica: Option<Arc<Replica>>,
}

impl Database {
    pub fn new(session: Arc<Session>, mode: Mode) -> Self {
        Self {
            current: Arc::new(RwLock::new(Some(session))),
            gate: Gate::new(mode),
            generation: Arc::new(AtomicU64::new(0)),
            epoch: Arc::new(AtomicU64::new(0)),
            replica: None,
        }
    }

    /// With a replica beside it.
    #[must_use]
    pub fn beside(mut self, replica: Arc<Replica>) -> Self {
        self.replica = Some(replica);
        self
    }

    pub fn replica(&self) -> Option<&Arc<Replica>> {
        self.replica.as_ref()
    }

    /// Of the descriptor that is applied; None where there is no descriptor.
    pub fn generation(&self) -> Option<u64> {
        Some(self.generation.load(Ordering::Relaxed)).filter(|generation| *generation > 0)
    }

    pub fn set_generation(&self, generation: u64) {
        self.generation.store(generation, Ordering::Relaxed);
    }

    pub fn mode(&self) -> Mode {
        self.gate.mode()
    }

    /// Whether `read` would let somebody in: for answers that are known already.
    ///
    /// # Errors
    /// The same as those of `read`.
    pub fn may_be_read(&self) -> Result<(), Unavailable> {
        match self.gate.mode() {
            mode @ Mode::Maintenance => Err(Unavailable::StandingAside { mode }),
            Mode::Normal | Mode::ReadOnly => {
                let current = self
                    .current
                    .read()
                    .unwrap_or_else(|poisoned| poisoned.into_inner());
                current.as_ref().map(drop).ok_or(Unavailable::NoDatabase)
            }
        }
    }

    /// Changes with everything that can change the content from outside: another database, another mode, another identity.
    pub fn epoch(&self) -> u64 {
        self.epoch.load(Ordering::SeqCst)
    }

    /// What was read before is not to be trusted any more.
    pub(super) fn begin_epoch(&self) {
        self.epoch.fetch_add(1, Ordering::SeqCst);
    }

    /// For work that reads.
    pub fn read(&self) -> Result<Reader, Unavailable> {
        match self.gate.mode() {
            mode @ Mode::Maintenance => Err(Unavailable::StandingAside { mode }),
            Mode::Normal | Mode::ReadOnly => self.read_in_any_mode(),
        }
    }

    /// For health and start-up, which look at the database even while the platform stands aside.
    pub fn read_in_any_mode(&self) -> Result<Reader, Unavailable> {
        // Counted under the lock: an exchange cannot come between finding the session and being seen in it.
        let current = self
            .current
            .read()
            .unwrap_or_else(|poisoned| poisoned.into_inner());
        match &*current {
            Some(session) => Ok(Reader::of(session.use_by_one_more())),
            None => Err(Unavailable::NoDatabase),
        }
    }

    /// For work that writes. Whoever holds the writer is waited for before any other mode is said to be applied.
    pub fn write(&self) -> Result<Writer, Unavailable> {
        let pass = self
            .gate
            .enter()
            .map_err(|mode| Unavailable::StandingAside { mode })?;
        let reader = self.read_in_any_mode()?;
        match reader.access() {
            Access::ReadWrite => Ok(Writer::of(reader, pass)),
            Access::ReadOnly => Err(Unavailable::OnlyReads),
        }
    }

    /// What the database said about itself when it was last asked.
    pub fn identity(&self) -> Option<Identity> {
        let current = self
            .current
            .read()
            .unwrap_or_else(|poisoned| poisoned.into_inner());
        current.as_ref().map(|session| session.identity())
    }

    /// How many connections there are now; none where there is no database.
    pub fn connections(&self) -> Connections {
        let session = self.session();
        session
            .map(|session| session.connections())
            .unwrap_or_default()
    }

    pub fn session(&self) -> Option<Arc<Session>> {
        self.current
            .read()
            .unwrap_or_else(|poisoned| poisoned.into_inner())
            .clone()
    }

    /// Requests from now on meet `mode`.
    pub fn set_mode(&self, mode: Mode) {
        // First: what stood aside may have been changed meanwhile, and the next one in must not see it as it was.
        self.begin_epoch();
        self.gate.set(mode);
    }

    /// How many writes were let in and have not ended.
    pub fn writes_in_flight(&self) -> usize {
        self.gate.writes_in_flight()
    }

    pub async fn writes_ended(&self) {
        self.gate.writes_ended().await;
    }

    /// Puts `next` in place; requests from now on use it. Gives back the one before, which its last users still hold.
    pub fn exchange(&self, next: Option<Arc<Session>>) -> Option<Arc<Session>> {
        let mut current = self
            .current
            .write()
            .unwrap_or_else(|poisoned| poisoned.into_inner());
        let before = std::mem::replace(&mut *current, next);
        self.begin_epoch();
        before
    }

    /// Another way to the same database, or other credentials for it; the way before serves until this one works. Where another line
    /// of history is said to serve now, the database before is the wrong one.
    ///
    /// # Errors
    /// When it does not work; then nothing changed, but that a wrong one is let go of.
    pub async fn use_url(
        &self,
        url: &Secret,
        lineage: Option<Uuid>,
        options: &ConnectOptions,
    ) -> Result<(), DatabaseError> {
        let session = self.session();
        let known = session.as_ref().map(|it| it.identity().lineage_id);
        let wanted = lineage.or(known).ok_or(DatabaseError::LetGoOf)?;
        if known != Some(wanted) {
            return self.leave_for(url, wanted, options).await;
        }
        if let Some(session) = session
            && session.log_in_by(url, options).await?
        {
            return Ok(());
        }
        let next = Session::open_url(url, Some(wanted), options).await?;
        self.put_in_place(Some(next));
        Ok(())
    }

    /// The one before is let go of, unless the next one is there at once.
    async fn leave_for(
        &self,
        url: &Secret,
        lineage: Uuid,
        options: &ConnectOptions,
    ) -> Result<(), DatabaseError> {
        let mut opening = pin!(Session::open_url(url, Some(lineage), options));
        let next = match tokio::time::timeout(AT_ONCE, &mut opening).await {
            Ok(next) => next,
            Err(_) => {
                self.put_in_place(None);
                opening.await
            }
        };
        let (next, problem) = match next {
            Ok(next) => (Some(next), Ok(())),
            Err(error) => (None, Err(error)),
        };
        self.put_in_place(next);
        problem
    }

    fn put_in_place(&self, next: Option<Arc<Session>>) {
        if let Some(before) = self.exchange(next) {
            tokio::spawn(async move { before.close_when_unused().await });
        }
    }

    /// Serves nothing from `session` any more, unless it was exchanged already.
    pub async fn let_go_of(&self, session: &Arc<Session>) {
        let is_current = self
            .session()
            .is_some_and(|current| Arc::ptr_eq(&current, session));
        if is_current && let Some(session) = self.exchange(None) {
            session.close_when_unused().await;
        }
    }

    /// Waits for the writes in flight, then closes every connection.
    pub async fn close(&self) {
        self.gate.writes_ended().await;
        if let Some(session) = self.exchange(None) {
            session.close_when_unused().await;
        }
    }
}
