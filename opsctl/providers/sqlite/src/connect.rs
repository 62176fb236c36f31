//! How opsctl opens a SQLite file: never making one, never changing its mode, waiting for a writer.

use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

use opsctl_core::ports::{Engine, Location};
use opsctl_core::{Failure, Result};
use sqlx::sqlite::{SqliteConnectOptions, SqlitePool, SqlitePoolOptions};
use sqlx::{ConnectOptions, SqliteConnection};

/// How long a statement waits for another writer.
const BUSY: Duration = Duration::from_secs(15);

/// The location of a file.
#[must_use]
pub fn location(path: &Path) -> Location {
    let escaped = path
        .to_string_lossy()
        .chars()
        .fold(String::new(), |mut out, c| {
            match c {
                '%' => out.push_str("%25"),
                '?' => out.push_str("%3F"),
                '#' => out.push_str("%23"),
                other => out.push(other),
            }
            out
        });
    Location {
        engine: Engine::Sqlite,
        url: format!("sqlite:{escaped}"),
        password_file: None,
        password_secret: None,
    }
}

/// The file at a location.
///
/// # Errors
/// Usage, when the location is not one of a SQLite file.
pub fn file(location: &Location) -> Result<PathBuf> {
    Ok(parse(location)?.get_filename().to_path_buf())
}

/// The options for one location.
///
/// # Errors
/// Usage, when the location is not one of a SQLite file.
pub fn options(location: &Location) -> Result<SqliteConnectOptions> {
    Ok(parse(location)?
        // An empty file in the place of a lost database would look like a healthy one.
        .create_if_missing(false)
        .foreign_keys(true)
        .busy_timeout(BUSY)
        // Restores and migrations change plans under our feet: never trust a statement from before.
        .statement_cache_capacity(0)
        .disable_statement_logging())
}

fn parse(location: &Location) -> Result<SqliteConnectOptions> {
    let wrong = || Failure::usage(format!("'{}' is not a SQLite address", location.url));
    if location.engine != Engine::Sqlite || !location.url.starts_with("sqlite:") {
        return Err(wrong());
    }
    SqliteConnectOptions::from_str(&location.url).map_err(|error| wrong().because(error))
}

/// A small pool on one file, which has been read once.
///
/// # Errors
/// When there is no such file, or it is no database.
pub async fn pool(location: &Location) -> Result<SqlitePool> {
    let pool = SqlitePoolOptions::new()
        .max_connections(2)
        .acquire_timeout(BUSY)
        .connect_with(options(location)?)
        .await
        .map_err(|error| unopened(location, error))?;
    first_look(&pool)
        .await
        .map_err(|error| unopened(location, error))?;
    Ok(pool)
}

/// One connection to a file.
///
/// # Errors
/// When there is no such file.
pub async fn connection(location: &Location) -> Result<SqliteConnection> {
    options(location)?
        .connect()
        .await
        .map_err(|error| unopened(location, error))
}

async fn first_look(pool: &SqlitePool) -> std::result::Result<i64, sqlx::Error> {
    sqlx::query_scalar("SELECT count(*) FROM sqlite_schema")
        .fetch_one(pool)
        .await
}

fn unopened(location: &Location, error: sqlx::Error) -> Failure {
    trouble(&format!("can't open {}", location.url), error)
}

/// A failure of the engine, in words, with what helps against the usual causes.
pub fn trouble(what: &str, error: sqlx::Error) -> Failure {
    // The primary result code is the lower byte.
    let code = match &error {
        sqlx::Error::Database(inner) => inner.code().and_then(|code| code.parse::<u32>().ok()),
        _ => None,
    };
    let failure = Failure::failed(what).because(error);
    match code.map(|code| code & 0xff) {
        Some(5 | 6) => failure.hint("another program holds the database: opsctl operation list"),
        Some(8) => failure.hint("let the account that runs opsctl write to the folder"),
        Some(11 | 26) => failure
            .hint("the file is damaged: opsctl backup list, then opsctl restore")
            .runbook("runbooks/restore.md"),
        Some(13) => failure.hint("make room on the disk, then run it again"),
        _ => failure.hint("opsctl doctor"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_comes_back_from_its_location_as_it_was() {
        for path in ["/srv/a b/x.sqlite3", "/srv/100%/what?/x#y.sqlite3", "/ü/x"] {
            assert_eq!(file(&location(Path::new(path))).unwrap(), Path::new(path));
        }
    }

    #[test]
    fn an_address_of_another_engine_is_refused() {
        let mut other = location(Path::new("/x"));
        other.url = "postgres://u@h/d".into();
        assert!(file(&other).is_err());
    }
}
