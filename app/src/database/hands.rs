//! What a request holds of the database: a way to read, or a way to write. Whoever holds one keeps that database open.

use super::engine::{EngineAccess, each_engine};
use super::gate::Pass;
use super::session::Use;
use super::{Access, PostgresPool};

/// May read, from one database, as long as it lives.
#[derive(Debug)]
pub struct Reader {
    used: Use,
    /// Where to read instead of the session's own server.
    replica: Option<PostgresPool>,
}

impl Reader {
    pub(super) const fn of(used: Use) -> Self {
        Self {
            used,
            replica: None,
        }
    }

    pub(super) fn access(&self) -> Access {
        self.used.session().access()
    }

    /// Whether the database answers at all.
    pub async fn answers(&self) -> bool {
        each_engine!(self, pool => sqlx::query("SELECT 1").execute(pool).await.is_ok())
    }

    pub fn engine(&self) -> EngineAccess<'_> {
        match &self.replica {
            Some(pool) => EngineAccess::Postgres(pool),
            None => self.used.session().pools().reading(),
        }
    }

    pub(super) fn through(self, replica: PostgresPool) -> Self {
        Self {
            replica: Some(replica),
            ..self
        }
    }
}

/// May write.
#[derive(Debug)]
pub struct Writer {
    reader: Reader,
    _pass: Pass,
}

impl Writer {
    pub(super) const fn of(reader: Reader, pass: Pass) -> Self {
        Self {
            reader,
            _pass: pass,
        }
    }

    pub fn engine(&self) -> EngineAccess<'_> {
        self.reader.used.session().pools().writing()
    }
}
