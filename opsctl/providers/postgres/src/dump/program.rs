//! `pg_dump` and `pg_restore`, and what they are told: the way to a database in their environment, the password nowhere else.

use std::collections::VecDeque;
use std::path::PathBuf;
use std::process::{ExitStatus, Stdio};
use std::str::FromStr;

use opsctl_core::ports::Location;
use opsctl_core::{Failure, Result};
use sqlx::postgres::PgConnectOptions;
use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader};
use tokio::process::Command;
use tokio::task::JoinHandle;

use crate::cluster::{Binaries, SearchPlaces, password_in};
use crate::passwords;

/// So many of a program's last words are kept.
const LAST_WORDS: usize = 8;

/// The programs.
pub struct Tools {
    pub binaries: Binaries,
}

impl Tools {
    pub fn find(places: &SearchPlaces) -> Result<Self> {
        let binaries = Binaries::find(places)?;
        for name in ["pg_dump", "pg_restore"] {
            let program = binaries.program(name);
            if !program.is_file() {
                return Err(Failure::usage(format!("there is no {}", program.display()))
                    .cause("an export is made and tried out by PostgreSQL's own programs")
                    .hint("install PostgreSQL's server and client of the database's version, or set PG_BIN"));
            }
        }
        Ok(Self { binaries })
    }

    /// As `pg_dump` says it of itself.
    pub fn version(&self) -> Result<String> {
        let program = self.binaries.program("pg_dump");
        let told = std::process::Command::new(&program)
            .arg("--version")
            .output();
        let told = told.map_err(|error| unable(&program, error))?;
        Ok(String::from_utf8_lossy(&told.stdout).trim().to_owned())
    }

    /// A program that speaks English, reads no file of anybody's and ends with us.
    pub fn command(&self, name: &str) -> (Command, PathBuf) {
        let program = self.binaries.program(name);
        let mut command = Command::new(&program);
        for variable in [
            "PGSERVICE",
            "PGSERVICEFILE",
            "PGOPTIONS",
            "PGPASSFILE",
            "PGHOSTADDR",
        ] {
            command.env_remove(variable);
        }
        command
            .env("LC_ALL", "C")
            .env("PGAPPNAME", "opsctl export")
            .env("PGCONNECT_TIMEOUT", "10")
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        (command, program)
    }
}

pub fn unable(program: &std::path::Path, error: std::io::Error) -> Failure {
    Failure::failed(format!("can't run {}", program.display())).because(error)
}

/// The way to a database, as libpq reads it.
pub fn tell(command: &mut Command, location: &Location) -> Result<()> {
    let options = PgConnectOptions::from_str(&location.url)
        .map_err(|error| Failure::usage("the database's address is malformed").because(error))?;
    command
        .env("PGHOST", options.get_host())
        .env("PGPORT", options.get_port().to_string())
        .env("PGUSER", options.get_username())
        .env("PGDATABASE", options.get_database().unwrap_or_default());
    for (name, variable) in [("sslmode", "PGSSLMODE"), ("sslrootcert", "PGSSLROOTCERT")] {
        if let Some(value) = parameter(&location.url, name) {
            command.env(variable, value);
        }
    }
    if let Some(secret) = &location.password_secret {
        command.env("PGPASSWORD", passwords::held(secret)?.expose());
    }
    if let Some(file) = &location.password_file {
        command.env("PGPASSWORD", password_in(file)?.expose());
    }
    Ok(())
}

/// What stands behind `?name=` or `&name=` of an address that opsctl wrote.
fn parameter<'u>(url: &'u str, name: &str) -> Option<&'u str> {
    let (_, parameters) = url.split_once('?')?;
    let pairs = parameters
        .split('&')
        .filter_map(|pair| pair.split_once('='));
    pairs
        .filter(|(key, _)| *key == name)
        .map(|(_, value)| value)
        .next()
}

/// Reads a program's words aside, so that a full pipe holds nobody up, and keeps the last.
pub fn last_words(from: impl AsyncRead + Unpin + Send + 'static) -> JoinHandle<Vec<String>> {
    tokio::spawn(async move {
        let mut lines = BufReader::new(from).lines();
        let mut kept = VecDeque::new();
        while let Ok(Some(line)) = lines.next_line().await {
            if kept.len() == LAST_WORDS {
                kept.pop_front();
            }
            kept.push_back(line);
        }
        kept.into()
    })
}

/// A program that went wrong, in its own words.
pub fn failure(name: &str, status: ExitStatus, words: Vec<String>) -> Failure {
    let mut failure = Failure::failed(format!("{name} failed ({status})"));
    failure.causes = words;
    failure
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parameters_of_an_address_are_read() {
        let url = "postgres://m@h:1/app?sslmode=verify-full&sslrootcert=/ours/rds.pem";
        assert_eq!(parameter(url, "sslmode"), Some("verify-full"));
        assert_eq!(parameter(url, "sslrootcert"), Some("/ours/rds.pem"));
        assert_eq!(parameter("postgres://m@h:1/app", "sslmode"), None);
    }
}
