//! A transaction of a writer: everything in it happens, or nothing does. It begins as a writer on both engines, so that what is
//! read in it stays true until it ends. Dropped, it is undone.

use std::sync::Arc;

use sqlx::{PgConnection, Postgres, Sqlite, SqliteConnection, Transaction};
use tokio::sync::Notify;

use super::engine::EngineAccess;
use super::warm::Place;
use super::{UserId, Writer};

/// On whose behalf a transaction runs; the trace of every deletion keeps it where the engine can carry it (PostgreSQL).
#[derive(Debug, Clone, Default)]
pub struct Actor {
    pub user: Option<UserId>,
    pub request_id: Option<String>,
}

const NAME_ACTOR: &str =
    "SELECT set_config('app.actor_id', $1, true), set_config('app.request_id', $2, true)";

/// An open transaction. Its writer cannot be let go of before it.
pub struct Work<'writer> {
    inner: Inner,
    actor: Actor,
    wakes: Option<Arc<Notify>>,
    _writer: &'writer Writer,
}

enum Inner {
    Sqlite(Transaction<'static, Sqlite>),
    /// The place after the transaction: whoever gets it next must find a connection.
    Postgres(Transaction<'static, Postgres>, Place),
}

/// Where the next statement of a transaction goes.
pub enum WorkConnection<'a> {
    Sqlite(&'a mut SqliteConnection),
    Postgres(&'a mut PgConnection),
}

impl<'writer> Work<'writer> {
    /// Begins; on SQLite with the write lock, since a reader that becomes a writer may fail.
    pub async fn begin(writer: &'writer Writer, actor: Actor) -> Result<Self, sqlx::Error> {
        let inner = match writer.engine() {
            EngineAccess::Sqlite(pool) => Inner::Sqlite(pool.begin_with("BEGIN IMMEDIATE").await?),
            EngineAccess::Postgres(pool) => {
                let (mut transaction, place) = pool.begin().await?;
                name_actor(&mut transaction, &actor).await?;
                Inner::Postgres(transaction, place)
            }
        };
        Ok(Self {
            inner,
            actor,
            wakes: None,
            _writer: writer,
        })
    }

    /// On whose behalf it runs.
    pub fn actor(&self) -> &Actor {
        &self.actor
    }

    /// Wakes whoever waits there, once it is committed and not before.
    pub fn wake_when_committed(&mut self, wakes: &Arc<Notify>) {
        self.wakes = Some(Arc::clone(wakes));
    }

    pub fn connection(&mut self) -> WorkConnection<'_> {
        match &mut self.inner {
            Inner::Sqlite(transaction) => WorkConnection::Sqlite(transaction),
            Inner::Postgres(transaction, _) => WorkConnection::Postgres(transaction),
        }
    }

    pub async fn commit(self) -> Result<(), sqlx::Error> {
        let committed = match self.inner {
            Inner::Sqlite(transaction) => transaction.commit().await,
            Inner::Postgres(transaction, _place) => transaction.commit().await,
        };
        if let Some(wakes) = self.wakes {
            wakes.notify_one();
        }
        committed
    }
}

async fn name_actor(
    transaction: &mut Transaction<'static, Postgres>,
    actor: &Actor,
) -> Result<(), sqlx::Error> {
    if actor.user.is_none() && actor.request_id.is_none() {
        return Ok(());
    }
    let user = actor.user.map(|id| id.to_string()).unwrap_or_default();
    sqlx::query(NAME_ACTOR)
        .bind(user)
        .bind(actor.request_id.clone().unwrap_or_default())
        .execute(&mut **transaction)
        .await?;
    Ok(())
}

/// Runs one expression in a transaction, whichever engine it is on:
/// `in_work!(work, connection => query.execute(connection).await)`.
macro_rules! in_work {
    ($work:expr, $connection:ident => $run:expr) => {
        match $work.connection() {
            $crate::database::WorkConnection::Sqlite($connection) => $run,
            $crate::database::WorkConnection::Postgres($connection) => $run,
        }
    };
}
pub(crate) use in_work;
