//! The pool of PostgreSQL, whose credentials change while it is used. Credentials are proved by a log-in before they are taken,
//! so a wrong one never costs a connection that works; those made with the ones before are then closed. A log-in that fails
//! because the password was changed a moment ago is not the request's failure: the place for secrets is read again at once and
//! the log-in repeated.

use std::time::{Duration, Instant};

use futures::stream::{self, BoxStream};
use futures::{TryFutureExt, TryStreamExt, future::BoxFuture};
use sqlx::postgres::{PgConnectOptions, PgQueryResult, PgRow, PgStatement, PgTypeInfo};
use sqlx::{
    ConnectOptions as _, Connection, Either, Error, Execute, Executor, Postgres, SqlStr,
    Transaction,
};

use super::engine::Connections;
use super::fallback::{Fallback, Statement};
use super::warm::{Lent, Place, Warm};
use crate::secrets::Reread;

/// How long a changed password may take to arrive here before it is a failure.
const PATIENCE: Duration = Duration::from_secs(10);
const FIRST_PAUSE: Duration = Duration::from_millis(20);
const LONGEST_PAUSE: Duration = Duration::from_millis(500);

/// Runs queries like sqlx's own pool.
#[derive(Debug, Clone)]
pub struct PostgresPool {
    warm: Warm,
    reread: Reread,
    /// For a replica: who answers what it fails.
    fallback: Option<Fallback>,
}

impl PostgresPool {
    pub(super) fn new(warm: Warm, reread: Reread) -> Self {
        Self {
            warm,
            reread,
            fallback: None,
        }
    }

    /// The same for a replica of this one.
    pub(super) fn replica(&self, warm: Warm, fallback: Fallback) -> Self {
        Self {
            warm,
            reread: self.reread.clone(),
            fallback: Some(fallback),
        }
    }

    async fn take(&self) -> Result<Lent, Error> {
        self.persevere(|| self.warm.take()).await
    }

    /// A transaction; its place is to be kept for as long.
    pub(super) async fn begin(&self) -> Result<(Transaction<'static, Postgres>, Place), Error> {
        self.persevere(|| self.warm.begin()).await
    }

    pub(super) fn connections(&self) -> Connections {
        self.warm.connections()
    }

    pub(super) async fn close(&self) {
        self.warm.close().await;
    }

    /// How connections are made now.
    pub(super) fn options(&self) -> PgConnectOptions {
        self.warm.options()
    }

    /// Takes other credentials, once they were seen to work.
    ///
    /// # Errors
    /// When nobody can log in with them; then nothing changed.
    pub(super) async fn use_options(&self, options: PgConnectOptions) -> Result<(), Error> {
        options.connect().await?.close().await?;
        self.warm.use_options(options).await;
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

/// With a statement that can be asked again.
impl PostgresPool {
    async fn one(&self, statement: &Statement) -> Result<Option<PgRow>, Error> {
        let mut lent = self.take().await?;
        let row = statement.fetch_optional(lent.connection()).await?;
        lent.give_back();
        Ok(row)
    }

    async fn all(&self, statement: &Statement) -> Result<Vec<Fetched>, Error> {
        let mut lent = self.take().await?;
        let rows = statement.fetch_many(lent.connection()).await?;
        lent.give_back();
        Ok(rows)
    }

    async fn one_or(&self, or: &Fallback, statement: &Statement) -> Result<Option<PgRow>, Error> {
        match self.one(statement).await {
            Err(error) => match or.from(&error) {
                Some(primary) => primary.one(statement).await,
                None => Err(error),
            },
            row => row,
        }
    }

    async fn all_or(&self, or: &Fallback, statement: &Statement) -> Result<Vec<Fetched>, Error> {
        match self.all(statement).await {
            Err(error) => match or.from(&error) {
                Some(primary) => primary.all(statement).await,
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
                    let mut lent = pool.take().await?;
                    let rows = lent.connection().fetch_many(query).try_collect().await?;
                    lent.give_back();
                    rows
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
                None => {
                    let mut lent = pool.take().await?;
                    let row = lent.connection().fetch_optional(query).await?;
                    lent.give_back();
                    Ok(row)
                }
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
        Box::pin(async move {
            let mut lent = pool.take().await?;
            lent.connection().prepare_with(sql, parameters).await
        })
    }
}
