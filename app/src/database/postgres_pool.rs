//! The pool of PostgreSQL, whose credentials change while it is used. Credentials are proved by a log-in before they are taken,
//! so a wrong one never costs a connection that works; those made with the ones before are then closed as they come back. A
//! log-in that fails because the password was changed a moment ago is not the request's failure: the place for secrets is read
//! again at once and the log-in repeated.

use std::time::{Duration, Instant};

use futures::stream::{self, BoxStream};
use futures::{TryFutureExt, TryStreamExt, future::BoxFuture};
use sqlx::pool::PoolConnection;
use sqlx::postgres::{PgConnectOptions, PgQueryResult, PgRow, PgStatement, PgTypeInfo};
use sqlx::{
    ConnectOptions as _, Connection, Either, Error, Execute, Executor, PgPool, Postgres, SqlStr,
    Transaction,
};

use super::doubt::Doubt;
use super::engine::Connections;
use super::fallback::{Fallback, Statement};
use crate::secrets::Reread;

/// How long a changed password may take to arrive here before it is a failure.
const PATIENCE: Duration = Duration::from_secs(10);
const FIRST_PAUSE: Duration = Duration::from_millis(20);
const LONGEST_PAUSE: Duration = Duration::from_millis(500);

/// Runs queries like sqlx's own pool.
#[derive(Debug, Clone)]
pub struct PostgresPool {
    pool: PgPool,
    reread: Reread,
    retired: Doubt,
    /// For a replica: who answers what it fails.
    fallback: Option<Fallback>,
}

impl PostgresPool {
    /// `retired` is asked by the pool itself which connections are too old to be handed out.
    pub(super) fn new(pool: PgPool, reread: Reread, retired: Doubt) -> Self {
        Self {
            pool,
            reread,
            retired,
            fallback: None,
        }
    }

    /// The same for a replica of this one.
    pub(super) fn replica(&self, pool: PgPool, fallback: Fallback) -> Self {
        Self {
            pool,
            fallback: Some(fallback),
            ..self.clone()
        }
    }

    pub async fn acquire(&self) -> Result<PoolConnection<Postgres>, Error> {
        self.persevere(|| self.pool.acquire()).await
    }

    pub async fn begin(&self) -> Result<Transaction<'static, Postgres>, Error> {
        self.persevere(|| self.pool.begin()).await
    }

    pub(super) fn connections(&self) -> Connections {
        Connections::of(&self.pool)
    }

    pub(super) async fn close(&self) {
        self.pool.close().await;
    }

    /// How connections are made now.
    pub(super) fn options(&self) -> PgConnectOptions {
        (*self.pool.connect_options()).clone()
    }

    /// Takes other credentials, once they were seen to work.
    ///
    /// # Errors
    /// When nobody can log in with them; then nothing changed.
    pub(super) async fn use_options(&self, options: PgConnectOptions) -> Result<(), Error> {
        options.connect().await?.close().await?;
        self.pool.set_connect_options(options);
        self.retired.raise();
        Ok(())
    }

    async fn persevere<T, F>(&self, ask: impl Fn() -> F) -> Result<T, Error>
    where
        F: Future<Output = Result<T, Error>>,
    {
        let mut began = None;
        let mut pause = FIRST_PAUSE;
        loop {
            let error = match ask().await {
                Err(error) if is_refused_log_in(&error) && self.fallback.is_none() => error,
                other => return other,
            };
            if began.get_or_insert_with(Instant::now).elapsed() > PATIENCE {
                return Err(error);
            }
            self.reread.ask();
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }
}

/// On a replica.
impl PostgresPool {
    async fn one_or(&self, or: &Fallback, statement: &Statement) -> Result<Option<PgRow>, Error> {
        let here = async { statement.fetch_optional(&mut *self.acquire().await?).await };
        match here.await {
            Err(error) => match or.from(&error) {
                Some(primary) => {
                    statement
                        .fetch_optional(&mut *primary.acquire().await?)
                        .await
                }
                None => Err(error),
            },
            row => row,
        }
    }

    async fn all_or(&self, or: &Fallback, statement: &Statement) -> Result<Vec<Fetched>, Error> {
        let here = async { statement.fetch_many(&mut *self.acquire().await?).await };
        match here.await {
            Err(error) => match or.from(&error) {
                Some(primary) => statement.fetch_many(&mut *primary.acquire().await?).await,
                None => Err(error),
            },
            rows => rows,
        }
    }
}

type Fetched = Either<PgQueryResult, PgRow>;

/// Wrong password, or a login that may not (any more).
pub(super) fn is_refused_log_in(error: &Error) -> bool {
    let code = error.as_database_error().and_then(|error| error.code());
    code.is_some_and(|code| matches!(&*code, "28P01" | "28000"))
}

impl<'p> Executor<'p> for &'_ PostgresPool {
    type Database = Postgres;

    /// All rows are read before the first is handed on: no answer of this service is longer than a page.
    fn fetch_many<'e, 'q: 'e, E>(
        self,
        query: E,
    ) -> BoxStream<'e, Result<Either<PgQueryResult, PgRow>, Error>>
    where
        E: 'q + Execute<'q, Postgres>,
    {
        let pool = self.clone();
        let rows = async move {
            let rows: Vec<_> = match &pool.fallback {
                None => {
                    let mut connection = pool.acquire().await?;
                    connection.fetch_many(query).try_collect().await?
                }
                Some(fallback) => pool.all_or(fallback, &Statement::of(query)?).await?,
            };
            Ok(stream::iter(rows.into_iter().map(Ok)))
        };
        Box::pin(rows.try_flatten_stream())
    }

    fn fetch_optional<'e, 'q: 'e, E>(self, query: E) -> BoxFuture<'e, Result<Option<PgRow>, Error>>
    where
        E: 'q + Execute<'q, Postgres>,
    {
        let pool = self.clone();
        Box::pin(async move {
            match &pool.fallback {
                None => pool.acquire().await?.fetch_optional(query).await,
                Some(fallback) => pool.one_or(fallback, &Statement::of(query)?).await,
            }
        })
    }

    fn prepare_with<'e>(
        self,
        sql: SqlStr,
        parameters: &'e [PgTypeInfo],
    ) -> BoxFuture<'e, Result<PgStatement, Error>>
    where
        'p: 'e,
    {
        let pool = self.clone();
        Box::pin(async move { pool.acquire().await?.prepare_with(sql, parameters).await })
    }
}
