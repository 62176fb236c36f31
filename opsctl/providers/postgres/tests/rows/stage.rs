//! A live database and a copy of it, both with the real schema.

use std::path::PathBuf;

use opsctl_core::ports::{Engine, Location};
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use testkit::postgres::Postgres;

pub const ADA: &str = "0f8fad5b-d9cb-469f-a165-70867728950e";
pub const BOB: &str = "7c9e6679-7425-40de-944b-e07fc1f90ae7";

pub struct Stage {
    pub live: Location,
    pub copy: Location,
    _servers: [Postgres; 2],
}

impl Stage {
    /// Two people with a post each, each answered by the other; the copy holds the same.
    pub async fn new() -> Self {
        let servers = [Postgres::start().unwrap(), Postgres::start().unwrap()];
        let at = |server: &Postgres| Location {
            engine: Engine::Postgres,
            url: server.url().to_string(),
            password_file: None,
            password_secret: None,
        };
        let stage = Self {
            live: at(&servers[0]),
            copy: at(&servers[1]),
            _servers: servers,
        };
        for location in [&stage.live, &stage.copy] {
            let mut session = PgConnection::connect(&location.url).await.unwrap();
            for statement in schema().into_iter().chain(content()) {
                sqlx::raw_sql(AssertSqlSafe(statement))
                    .execute(&mut session)
                    .await
                    .unwrap();
            }
        }
        stage
    }

    /// Runs a statement on the live database, as the application would.
    pub async fn live(&self, statement: &str) {
        let mut session = PgConnection::connect(&self.live.url).await.unwrap();
        sqlx::raw_sql(AssertSqlSafe(statement.to_owned()))
            .execute(&mut session)
            .await
            .unwrap();
    }

    /// The first column of a query on the live database.
    pub async fn texts(&self, query: &str) -> Vec<String> {
        Self::read(&self.live, query).await
    }

    /// The first column of a query on the copy.
    pub async fn copied(&self, query: &str) -> Vec<String> {
        Self::read(&self.copy, query).await
    }

    async fn read(at: &Location, query: &str) -> Vec<String> {
        let mut session = PgConnection::connect(&at.url).await.unwrap();
        sqlx::query_scalar(AssertSqlSafe(query.to_owned()))
            .fetch_all(&mut session)
            .await
            .unwrap()
    }

    /// Every row of the live database, every column of it.
    pub async fn everything(&self) -> Vec<String> {
        let mut all = Vec::new();
        for table in ["users", "posts", "comments"] {
            let query = format!("SELECT t::text FROM {table} AS t ORDER BY id");
            all.extend(self.texts(&query).await);
        }
        all
    }
}

fn schema() -> Vec<String> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../migrations/postgres");
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.to_string_lossy().ends_with(".up.sql"))
        .collect();
    files.sort();
    let read = |file: &PathBuf| std::fs::read_to_string(file).unwrap();
    let roles = read(&PathBuf::from(folder).join("roles.sql"));
    // As the runner does: the owner's defaults give the application its rights.
    let mut statements = vec![roles, "SET ROLE app_owner".to_owned()];
    statements.extend(files.iter().map(read));
    statements
}

/// Every value is given, so that both databases hold the very same rows.
fn content() -> Vec<String> {
    let mut statements = Vec::new();
    let then = "'2026-11-23T06:15:00.123456Z'";
    for (id, name) in [(ADA, "ada"), (BOB, "bob")] {
        statements.push(format!(
            "INSERT INTO users VALUES ('{id}', '{name}@example.org', 'it''s a hash', NULL, NULL, {then}, {then})"
        ));
        statements.push(format!(
            "INSERT INTO posts VALUES ('{id}', '{id}', 'by {name}', 'x', true, {then}, {then})"
        ));
    }
    // A comment has the id of its writer here, and its post has the id of the other one.
    for (writer, id, reader, post) in [("bob", BOB, "ada", ADA), ("ada", ADA, "bob", BOB)] {
        statements.push(format!(
            "INSERT INTO comments VALUES ('{id}', '{post}', '{id}', '{writer} answers {reader}', {then})"
        ));
    }
    statements
}
