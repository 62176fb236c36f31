//! How opsctl connects to a PostgreSQL: named sessions, bounded waiting, passwords from files.

use std::path::Path;
use std::str::FromStr;
use std::time::Duration;

use opsctl_core::ports::Location;
use opsctl_core::secret::Secret;
use opsctl_core::{Failure, FailureKind, Result};
use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};

use crate::passwords;

/// How long a connection may take: at 3 a.m. a dead database must be told from a slow one soon.
const PATIENCE: Duration = Duration::from_secs(5);

/// The options for one location; `name` is what `pg_stat_activity` shows.
///
/// # Errors
/// When the URL is malformed or the password file can't be read.
pub fn options(location: &Location, name: &str) -> Result<PgConnectOptions> {
    let mut options = PgConnectOptions::from_str(&location.url)
        .map_err(|error| Failure::usage("the database's address is malformed").because(error))?
        .application_name(name)
        // Migrations and restores change plans under our feet: never trust a statement from before.
        .statement_cache_capacity(0);
    if let Some(file) = &location.password_file {
        options = options.password(password(file)?.expose());
    }
    if let Some(secret) = &location.password_secret {
        options = options.password(passwords::held(secret)?.expose());
    }
    Ok(options)
}

/// A small pool at one location, connected.
///
/// # Errors
/// When nobody answers in time, or the credentials are refused.
pub async fn pool(location: &Location, name: &str) -> Result<PgPool> {
    let settings = PgPoolOptions::new()
        .max_connections(4)
        .acquire_timeout(PATIENCE);
    let options = options(location, name)?;
    settings
        .connect_with(options)
        .await
        .map_err(|error| unreachable(location, error))
}

/// A failure of a statement, in words.
pub fn trouble(what: &str) -> impl Fn(sqlx::Error) -> Failure + '_ {
    move |error| Failure::failed(what).because(error)
}

fn password(file: &Path) -> Result<Secret<String>> {
    std::fs::read_to_string(file)
        .map(|text| Secret::new(text.trim_end().to_owned()))
        .map_err(|error| {
            Failure::new(
                FailureKind::Authentication,
                format!("can't read {}", file.display()),
            )
            .because(error)
        })
}

fn unreachable(location: &Location, error: sqlx::Error) -> Failure {
    let refused =
        matches!(&error, sqlx::Error::Database(e) if e.code().is_some_and(|c| c.starts_with("28")));
    let kind = if refused {
        FailureKind::Authentication
    } else {
        FailureKind::Failed
    };
    Failure::new(
        kind,
        format!("can't connect to {}", without_password(&location.url)),
    )
    .because(error)
    .hint("opsctl doctor")
}

/// URLs of locations hold no password; one that a person wrote might.
fn without_password(url: &str) -> String {
    match (url.find("://"), url.rfind('@')) {
        (Some(scheme), Some(at)) if scheme < at => match url[scheme + 3..at].find(':') {
            Some(colon) => format!("{}:…{}", &url[..scheme + 3 + colon], &url[at..]),
            None => url.to_owned(),
        },
        _ => url.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_in_a_url_is_not_shown() {
        let shown = without_password("postgres://ada:hunter2@host:5432/app");
        assert_eq!(shown, "postgres://ada:…@host:5432/app");
        let plain = "postgres://ada@host/app";
        assert_eq!(without_password(plain), plain);
    }
}
