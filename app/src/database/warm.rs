//! Connections that were in use a moment ago, for whoever asks next. sqlx's pool asks the server for a sign of life whenever a
//! connection comes back, which costs as much as a short reading itself: one whose statement ended well waits here instead, for a
//! second at most, and then goes back the ordinary way. Never hands out more than the pool may have, and nothing that the pool
//! would have looked at first.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant};

use sqlx::pool::PoolConnection;
use sqlx::postgres::PgConnectOptions;
use sqlx::{Error, PgConnection, PgPool, Postgres, Transaction};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, TryAcquireError};

use super::doubt::Doubt;
use super::engine::Connections;
use crate::telemetry::metrics::statements;

/// From one sign of life to the next.
const AT_MOST: Duration = Duration::from_secs(1);
/// A wait for a connection that is worth a line.
const LONG: Duration = Duration::from_secs(2);

/// A pool and what is warm of it; clones are one.
#[derive(Debug, Clone)]
pub(super) struct Warm(Arc<Inside>);

#[derive(Debug)]
struct Inside {
    pool: PgPool,
    /// As many as the pool may have connections: whoever has one finds a connection here or gets one there.
    places: Arc<Semaphore>,
    kept: Mutex<Kept>,
    doubt: Doubt,
    retired: Doubt,
}

#[derive(Debug, Default)]
struct Kept {
    connections: Vec<Used>,
    /// A task looks after them.
    watched: bool,
}

#[derive(Debug)]
struct Used {
    connection: PoolConnection<Postgres>,
    /// When it came from the pool.
    since: Instant,
}

/// A place among those who use a connection.
pub(super) type Place = OwnedSemaphorePermit;

/// A connection in use. Dropped, it goes back to the pool.
#[derive(Debug)]
pub(super) struct Lent {
    used: Used,
    warm: Warm,
    /// After the connection: whoever gets it next must find one.
    place: Place,
}

impl Lent {
    pub fn connection(&mut self) -> &mut PgConnection {
        &mut self.used.connection
    }

    /// Whatever it was asked was answered to the end: somebody else may have it as it is.
    pub fn give_back(self) {
        self.warm.keep(self.used);
        drop(self.place);
    }
}

impl Warm {
    /// `doubt` and `retired` are what the pool itself asks before it hands a connection out.
    pub fn new(pool: PgPool, doubt: Doubt, retired: Doubt) -> Self {
        let most = pool.options().get_max_connections();
        Self(Arc::new(Inside {
            places: Arc::new(Semaphore::new(usize::try_from(most).unwrap_or_default())),
            pool,
            kept: Mutex::default(),
            doubt,
            retired,
        }))
    }

    /// A connection, once there is one.
    pub async fn take(&self) -> Result<Lent, Error> {
        let began = Instant::now();
        let places = Arc::clone(&self.0.places);
        let lent = match places.try_acquire_owned() {
            Ok(place) => self.take_with(place).await,
            Err(TryAcquireError::Closed) => Err(Error::PoolClosed),
            Err(TryAcquireError::NoPermits) => self.wait().await,
        };
        let took = began.elapsed();
        statements::waited(took);
        if took > LONG {
            let duration = took.as_secs_f64();
            tracing::warn!(duration, "somebody waited long for a connection");
        }
        lent
    }

    async fn wait(&self) -> Result<Lent, Error> {
        let patience = self.0.pool.options().get_acquire_timeout();
        let places = Arc::clone(&self.0.places);
        let lent = async {
            let place = places.acquire_owned().await;
            self.take_with(place.map_err(|_| Error::PoolClosed)?).await
        };
        let lent = tokio::time::timeout(patience, lent).await;
        lent.unwrap_or(Err(Error::PoolTimedOut))
    }

    async fn take_with(&self, place: Place) -> Result<Lent, Error> {
        // From before it is asked for: one that is being made while the way changes is made in the old one.
        let since = Instant::now();
        let used = match self.kept() {
            Some(used) => used,
            // Apart: it holds all of connecting, and would be moved with every statement.
            None => Used {
                connection: Box::pin(self.0.pool.acquire()).await?,
                since,
            },
        };
        Ok(Lent {
            used,
            warm: self.clone(),
            place,
        })
    }

    /// Those that the pool would doubt go back to it.
    fn kept(&self) -> Option<Used> {
        loop {
            let mut used = self.lock().connections.pop()?;
            let since = used.since.elapsed();
            if self.0.retired.covers(since) {
                used.connection.close_on_drop();
            } else if !self.0.doubt.covers(since) {
                return Some(used);
            }
        }
    }

    /// A transaction; its place is to be kept for as long.
    pub async fn begin(&self) -> Result<(Transaction<'static, Postgres>, Place), Error> {
        let lent = self.take().await?;
        let begun = Transaction::begin(lent.used.connection, None).await?;
        Ok((begun, lent.place))
    }

    fn keep(&self, mut used: Used) {
        let since = used.since.elapsed();
        if self.0.retired.covers(since) {
            used.connection.close_on_drop();
        } else if since <= AT_MOST && !self.0.places.is_closed() {
            self.put(used);
        }
    }

    fn put(&self, used: Used) {
        let mut kept = self.lock();
        kept.connections.push(used);
        if !kept.watched {
            kept.watched = true;
            tokio::spawn(look_after(Arc::downgrade(&self.0)));
        }
    }

    /// How connections are made now.
    pub fn options(&self) -> PgConnectOptions {
        (*self.0.pool.connect_options()).clone()
    }

    /// Makes them so from now on. Those made before are closed, if they are in use as they come back.
    pub async fn use_options(&self, options: PgConnectOptions) {
        self.0.pool.set_connect_options(options);
        self.0.retired.raise();
        let kept = std::mem::take(&mut self.lock().connections);
        let resting = (0..self.0.pool.num_idle()).map_while(|_| self.0.pool.try_acquire());
        let kept = kept.into_iter().map(|used| used.connection);
        for connection in kept.chain(resting.collect::<Vec<_>>()) {
            // A server that is gone has let go of it already.
            let _gone = connection.close().await;
        }
    }

    /// Found not to answer: what is open is no longer taken for granted.
    pub fn doubt(&self) {
        self.0.doubt.raise();
    }

    pub fn connections(&self) -> Connections {
        let kept = self.lock().connections.len();
        Connections::of(&self.0.pool).with_idle(kept)
    }

    pub async fn close(&self) {
        self.0.places.close();
        let kept = std::mem::take(&mut self.lock().connections);
        drop(kept);
        self.0.pool.close().await;
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.0.lock()
    }
}

impl Inside {
    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Those that were kept too long; none where there is nothing left to look after.
    fn too_old(&self) -> Option<Vec<Used>> {
        let mut kept = self.lock();
        let old = |used: &mut Used| used.since.elapsed() > AT_MOST;
        let too_old: Vec<Used> = kept.connections.extract_if(.., old).collect();
        kept.watched = !(kept.connections.is_empty() && too_old.is_empty());
        kept.watched.then_some(too_old)
    }
}

/// What nobody asks for goes back to the pool, which knows when to close it.
async fn look_after(warm: Weak<Inside>) {
    loop {
        tokio::time::sleep(AT_MOST).await;
        let too_old = warm.upgrade().and_then(|inside| inside.too_old());
        if too_old.is_none() {
            return;
        }
    }
}
