//! One opened and admitted database: its pools, what it says about itself, and who is using it. Never lives on after its
//! database stopped being the right one: it is closed when its last user has left.

use std::sync::{Arc, RwLock};
use std::time::Duration;

use sqlx::postgres::PgConnectOptions;
use tokio::sync::watch;
use uuid::Uuid;

use super::descriptor::Descriptor;
use super::doubt::Doubt;
use super::engine::Connections;
use super::{Access, ConnectOptions, DatabaseError, Identity, Pools, connect, schema};
use crate::config::Secret;

/// As long as requests may still be answered from a database that is the wrong one, while the right one is opened.
pub(super) const AT_ONCE: Duration = Duration::from_secs(10);

/// For connections that nobody uses to be closed.
const CLOSE: Duration = Duration::from_secs(10);

/// An open database that this process may use.
#[derive(Debug)]
pub struct Session {
    pools: Pools,
    identity: RwLock<Identity>,
    access: Access,
    expected_lineage: Option<Uuid>,
    doubt: Doubt,
    users: watch::Sender<usize>,
}

impl Session {
    /// Opens what the descriptor names, and checks that it is what the descriptor says.
    pub async fn open_described(
        descriptor: &Descriptor,
        options: &ConnectOptions,
    ) -> Result<Arc<Self>, DatabaseError> {
        let password = descriptor.password()?;
        let doubt = Doubt::new();
        let pools = connect::open(&descriptor.url, password.as_ref(), options, &doubt).await?;
        Self::admit(pools, doubt, options.access, Some(descriptor.lineage_id)).await
    }

    /// Opens what the URL names; with nothing to compare to, it must be a primary.
    pub async fn open_url(
        url: &Secret,
        expected_lineage: Option<Uuid>,
        options: &ConnectOptions,
    ) -> Result<Arc<Self>, DatabaseError> {
        let doubt = Doubt::new();
        let pools = connect::open(url.reveal(), None, options, &doubt).await?;
        Self::admit(pools, doubt, options.access, expected_lineage).await
    }

    /// Logs in as the URL says from now on. False when the URL leads elsewhere: that takes a session of its own.
    pub async fn log_in_by(
        &self,
        url: &Secret,
        options: &ConnectOptions,
    ) -> Result<bool, DatabaseError> {
        let Pools::Postgres(pool) = &self.pools else {
            return Ok(false);
        };
        let (now, next) = (pool.options(), connect::postgres(url.reveal(), options)?);
        let place = |way: &PgConnectOptions| {
            let database = way.get_database().map(str::to_owned);
            (way.get_host().to_owned(), way.get_port(), database)
        };
        if place(&now) != place(&next) {
            return Ok(false);
        }
        let taken = pool.use_options(next).await;
        taken.map(|()| true).map_err(DatabaseError::Connect)
    }

    /// Logs in with another password from now on.
    ///
    /// # Errors
    /// When nobody can log in with it; then nothing changed.
    pub async fn log_in_with(&self, password: &Secret) -> Result<(), DatabaseError> {
        match &self.pools {
            Pools::Postgres(pool) => {
                let next = pool.options().password(password.reveal());
                pool.use_options(next).await.map_err(DatabaseError::Connect)
            }
            Pools::Sqlite { .. } => Ok(()),
        }
    }

    async fn admit(
        pools: Pools,
        doubt: Doubt,
        access: Access,
        expected_lineage: Option<Uuid>,
    ) -> Result<Arc<Self>, DatabaseError> {
        match Self::inspect(&pools, access, expected_lineage).await {
            Ok(identity) => Ok(Arc::new(Self {
                pools,
                identity: RwLock::new(identity),
                access,
                expected_lineage,
                doubt,
                users: watch::Sender::new(0),
            })),
            Err(error) => {
                pools.close().await;
                Err(error)
            }
        }
    }

    async fn inspect(
        pools: &Pools,
        access: Access,
        expected_lineage: Option<Uuid>,
    ) -> Result<Identity, DatabaseError> {
        schema::check(pools.reading()).await?;
        let identity = Identity::read(pools.reading())
            .await
            .map_err(DatabaseError::Inspect)?;
        identity
            .ok_or(DatabaseError::NoIdentity)?
            .admit(access, expected_lineage)
    }

    /// Reads the identity again, and keeps it when the database may still be used.
    ///
    /// # Errors
    /// When it may not, or cannot be asked; what was known before then stays.
    pub async fn refresh_identity(&self) -> Result<(), DatabaseError> {
        let read = Identity::read(self.pools.reading())
            .await
            .map_err(DatabaseError::Inspect)?;
        let identity = read
            .ok_or(DatabaseError::NoIdentity)?
            .admit(self.access, self.expected_lineage)?;
        *self
            .identity
            .write()
            .unwrap_or_else(|poisoned| poisoned.into_inner()) = identity;
        Ok(())
    }

    /// Says that the database was found not to answer: its connections are no longer taken for granted.
    pub fn doubt(&self) {
        self.doubt.raise();
    }

    /// What the database said when it was last asked.
    pub fn identity(&self) -> Identity {
        *self
            .identity
            .read()
            .unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    pub(super) fn connections(&self) -> Connections {
        self.pools.connections()
    }

    pub fn access(&self) -> Access {
        self.access
    }

    pub(super) fn pools(&self) -> &Pools {
        &self.pools
    }

    pub(super) fn use_by_one_more(self: &Arc<Self>) -> Use {
        // Nobody waits for more of them.
        self.users.send_if_modified(|users| {
            *users += 1;
            false
        });
        Use(Arc::clone(self))
    }

    /// Waits for everybody who uses it to finish, then closes every connection. Those that a dead server does not let go of
    /// are given up: nobody can use them any more.
    pub async fn close_when_unused(&self) {
        drop(self.users.subscribe().wait_for(|users| *users == 0).await);
        if tokio::time::timeout(CLOSE, self.pools.close())
            .await
            .is_err()
        {
            tracing::warn!("connections to a database that does not answer were given up");
        }
    }
}

/// Keeps a session open until it is dropped.
#[derive(Debug)]
pub(super) struct Use(Arc<Session>);

impl Use {
    pub fn session(&self) -> &Session {
        &self.0
    }
}

impl Drop for Use {
    fn drop(&mut self) {
        self.0.users.send_if_modified(|users| {
            *users -= 1;
            *users == 0
        });
    }
}
