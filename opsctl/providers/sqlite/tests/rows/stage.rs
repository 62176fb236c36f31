//! A live database and a copy of it, both with the real schema.

use std::path::{Path, PathBuf};

use opsctl_core::ports::Location;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{AssertSqlSafe, Connection};

pub const ADA: &str = "0f8fad5b-d9cb-469f-a165-70867728950e";
pub const BOB: &str = "7c9e6679-7425-40de-944b-e07fc1f90ae7";

pub struct Stage {
    pub live: Location,
    pub copy: Location,
    folder: tempfile::TempDir,
}

impl Stage {
    /// Two people with a post each, each answered by the other; the copy was taken then.
    pub async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        let stage = Self {
            live: opsctl_sqlite::connect::location(&at("live.sqlite3")),
            copy: opsctl_sqlite::connect::location(&at("copy.sqlite3")),
            folder,
        };
        let options = SqliteConnectOptions::new()
            .filename(stage.file("live"))
            .create_if_missing(true);
        let mut session = SqliteConnection::connect_with(&options).await.unwrap();
        for migration in migrations() {
            sqlx::raw_sql(AssertSqlSafe(migration))
                .execute(&mut session)
                .await
                .unwrap();
        }
        session.close().await.unwrap();
        for (id, name) in [(ADA, "ada"), (BOB, "bob")] {
            stage
                .live(&format!(
                    "INSERT INTO users (id, email, password_hash, first_name) \
                     VALUES ('{id}', '{name}@example.org', 'it''s a hash', NULL)"
                ))
                .await;
            stage
                .live(&format!(
                    "INSERT INTO posts (user_id, title, content) VALUES ('{id}', 'by {name}', 'x')"
                ))
                .await;
        }
        for (writer, id, reader) in [("bob", BOB, "ada"), ("ada", ADA, "bob")] {
            stage
                .live(&format!(
                    "INSERT INTO comments (post_id, user_id, content) \
                     SELECT id, '{id}', '{writer} answers {reader}' FROM posts \
                     WHERE title = 'by {reader}'"
                ))
                .await;
        }
        std::fs::copy(stage.file("live"), stage.file("copy")).unwrap();
        stage
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(format!("{name}.sqlite3"))
    }

    async fn session(at: &Path) -> SqliteConnection {
        let options = SqliteConnectOptions::new().filename(at).foreign_keys(true);
        SqliteConnection::connect_with(&options).await.unwrap()
    }

    /// Runs a statement on the live database, as the application would.
    pub async fn live(&self, statement: &str) {
        let mut session = Self::session(&self.file("live")).await;
        sqlx::raw_sql(AssertSqlSafe(statement.to_owned()))
            .execute(&mut session)
            .await
            .unwrap();
        session.close().await.unwrap();
    }

    /// The first column of a query on the live database.
    pub async fn texts(&self, query: &str) -> Vec<String> {
        Self::read(&self.file("live"), query).await
    }

    /// The first column of a query on the copy.
    pub async fn copied(&self, query: &str) -> Vec<String> {
        Self::read(&self.file("copy"), query).await
    }

    async fn read(at: &Path, query: &str) -> Vec<String> {
        let mut session = Self::session(at).await;
        let texts = sqlx::query_scalar(AssertSqlSafe(query.to_owned()))
            .fetch_all(&mut session)
            .await
            .unwrap();
        session.close().await.unwrap();
        texts
    }

    /// Every row of the live database, every column of it.
    pub async fn everything(&self) -> Vec<String> {
        let mut all = Vec::new();
        for (table, columns) in [
            (
                "users",
                "id, email, password_hash, first_name, last_name, created_at, updated_at",
            ),
            (
                "posts",
                "id, user_id, title, content, published, created_at, updated_at",
            ),
            ("comments", "id, post_id, user_id, content, created_at"),
        ] {
            let quoted: Vec<String> = columns.split(", ").map(|c| format!("quote({c})")).collect();
            let query = format!(
                "SELECT {} FROM {table} ORDER BY id",
                quoted.join(" || '|' || ")
            );
            all.extend(self.texts(&query).await);
        }
        all
    }
}

fn migrations() -> Vec<String> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../migrations/sqlite");
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.to_string_lossy().ends_with(".up.sql"))
        .collect();
    files.sort();
    files
        .iter()
        .map(|file| std::fs::read_to_string(file).unwrap())
        .collect()
}
