//! The two engines behind one value. SQL that both understand is written once and run by `each_engine!`.

use sqlx::SqlitePool;

use super::PostgresPool;

/// Open pools of one database.
#[derive(Debug, Clone)]
pub enum Pools {
    /// SQLite has one writer at a time: a pool of one connection queues writers in this process, where waiting is fair and
    /// cheap, instead of in the file's lock. The readers cannot write.
    Sqlite {
        reading: SqlitePool,
        writing: SqlitePool,
    },
    Postgres(PostgresPool),
}

/// Connections of a pool at one moment.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Connections {
    pub used: u32,
    pub idle: u32,
    pub most: u32,
}

impl Connections {
    pub(super) fn of<D: sqlx::Database>(pool: &sqlx::Pool<D>) -> Self {
        let idle = u32::try_from(pool.num_idle()).unwrap_or(u32::MAX);
        Self {
            used: pool.size().saturating_sub(idle),
            idle,
            most: pool.options().get_max_connections(),
        }
    }

    /// With so many that are idle and not in the pool.
    pub(super) fn with_idle(self, more: usize) -> Self {
        let more = u32::try_from(more).unwrap_or(u32::MAX).min(self.used);
        Self {
            used: self.used - more,
            idle: self.idle + more,
            most: self.most,
        }
    }
}

impl Pools {
    /// Of SQLite the readers': its writer is one.
    pub fn connections(&self) -> Connections {
        match self {
            Self::Sqlite { reading, .. } => Connections::of(reading),
            Self::Postgres(pool) => pool.connections(),
        }
    }

    /// Waits until every connection is back, then closes it.
    pub async fn close(&self) {
        match self {
            Self::Sqlite { reading, writing } => {
                reading.close().await;
                // The last connection to leave folds the write-ahead log into the file.
                writing.close().await;
            }
            Self::Postgres(pool) => pool.close().await,
        }
    }
}

/// Runs one expression against whichever engine it is: `each_engine!(reader, pool => query.fetch_one(pool).await)`. Both arms
/// are type-checked, so a query that one engine's driver cannot serve does not compile.
macro_rules! each_engine {
    ($access:expr, $pool:ident => $work:expr) => {
        match $access.engine() {
            $crate::database::EngineAccess::Sqlite($pool) => $work,
            $crate::database::EngineAccess::Postgres($pool) => $work,
        }
    };
}
pub(crate) use each_engine;

/// The pool that an access may use.
#[derive(Debug, Clone, Copy)]
pub enum EngineAccess<'a> {
    Sqlite(&'a SqlitePool),
    Postgres(&'a PostgresPool),
}

impl Pools {
    /// For work that only reads.
    pub fn reading(&self) -> EngineAccess<'_> {
        match self {
            Self::Sqlite { reading, .. } => EngineAccess::Sqlite(reading),
            Self::Postgres(pool) => EngineAccess::Postgres(pool),
        }
    }

    /// For work that writes; only a `Writer` hands it out to resources.
    pub(super) fn writing(&self) -> EngineAccess<'_> {
        match self {
            Self::Sqlite { writing, .. } => EngineAccess::Sqlite(writing),
            Self::Postgres(pool) => EngineAccess::Postgres(pool),
        }
    }
}
