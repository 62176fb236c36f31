//! Sessions in which values have one spelling, on every server.

use opsctl_core::Result;
use opsctl_core::ports::Location;
use sqlx::{Connection, Executor, PgConnection};

use crate::connect::{options, trouble};

const SPELLING: &str = "SET datestyle = 'ISO, YMD'; SET intervalstyle = 'postgres'; \
    SET extra_float_digits = 3; SET timezone = 'UTC'; SET bytea_output = 'hex'; \
    SET lock_timeout = '10s'";

/// What a session may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Right {
    /// Read, as of one moment.
    Read,
    /// Write.
    Write,
}

/// Connects and begins a transaction, which ends with the session unless it is committed.
pub(super) async fn begin(at: &Location, right: Right) -> Result<PgConnection> {
    let what = "can't open a session for rows";
    let options = options(at, "opsctl/rows")?;
    let mut session = PgConnection::connect_with(&options)
        .await
        .map_err(trouble(what))?;
    let begin = match right {
        Right::Read => {
            "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL statement_timeout = '120s'"
        }
        Right::Write => "BEGIN; SET LOCAL statement_timeout = '600s'",
    };
    session.execute(SPELLING).await.map_err(trouble(what))?;
    session.execute(begin).await.map_err(trouble(what))?;
    Ok(session)
}
