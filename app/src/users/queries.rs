//! The SQL of users. Shared by both engines but for the look-up by address, where each has its own way to ignore case, and for
//! the lock on a row, which SQLite's single writer does not need.

use super::{Credentials, Email, PersonName, User};
use crate::database::{
    EngineAccess, Reader, UserId, Work, WorkConnection, Writer, each_engine, in_work,
};

const INSERT: &str = "INSERT INTO users (email, password_hash, first_name, last_name) \
    VALUES ($1, $2, $3, $4) \
    RETURNING id, email, first_name, last_name, created_at, updated_at";
const FIND: &str =
    "SELECT id, email, first_name, last_name, created_at, updated_at FROM users WHERE id = $1";
const FIND_LOCKED_POSTGRES: &str = "SELECT id, email, first_name, last_name, created_at, updated_at \
    FROM users WHERE id = $1 FOR UPDATE";
const UPDATE: &str = "UPDATE users SET email = $2, first_name = $3, last_name = $4 WHERE id = $1";
const DELETE: &str = "DELETE FROM users WHERE id = $1";
const CREDENTIALS_SQLITE: &str = "SELECT id, password_hash FROM users WHERE email = $1";
const CREDENTIALS_POSTGRES: &str =
    "SELECT id, password_hash FROM users WHERE lower(email) = lower($1)";
const HASH_OF: &str = "SELECT password_hash FROM users WHERE id = $1";
const REPLACE_HASH: &str = "UPDATE users SET password_hash = $2 WHERE id = $1";

/// A user to be.
#[derive(Debug)]
pub struct NewUser {
    pub email: Email,
    pub password_hash: String,
    pub first_name: Option<PersonName>,
    pub last_name: Option<PersonName>,
}

/// Somebody else has the address.
#[derive(Debug)]
pub struct EmailTaken;

impl User {
    pub async fn create(
        work: &mut Work<'_>,
        new: &NewUser,
    ) -> Result<Result<Self, EmailTaken>, sqlx::Error> {
        let first_name = new.first_name.as_ref().map(PersonName::as_str);
        let last_name = new.last_name.as_ref().map(PersonName::as_str);
        let created = in_work!(work, connection => sqlx::query_as(INSERT)
            .bind(new.email.as_str())
            .bind(&new.password_hash)
            .bind(first_name)
            .bind(last_name)
            .fetch_one(connection)
            .await);
        unless_taken(created)
    }

    pub async fn find(reader: &Reader, id: UserId) -> Result<Option<Self>, sqlx::Error> {
        each_engine!(reader, pool => sqlx::query_as(FIND).bind(id).fetch_optional(pool).await)
    }

    /// As it is until the transaction ends.
    pub async fn find_in(work: &mut Work<'_>, id: UserId) -> Result<Option<Self>, sqlx::Error> {
        match work.connection() {
            WorkConnection::Sqlite(connection) => {
                let query = sqlx::query_as(FIND).bind(id);
                query.fetch_optional(connection).await
            }
            WorkConnection::Postgres(connection) => {
                let query = sqlx::query_as(FIND_LOCKED_POSTGRES).bind(id);
                query.fetch_optional(connection).await
            }
        }
    }

    /// Writes what may change of it.
    pub async fn save(&self, work: &mut Work<'_>) -> Result<Result<(), EmailTaken>, sqlx::Error> {
        let saved = in_work!(work, connection => sqlx::query(UPDATE)
            .bind(self.id)
            .bind(&self.email)
            .bind(&self.first_name)
            .bind(&self.last_name)
            .execute(connection)
            .await
            .map(drop));
        unless_taken(saved)
    }

    /// With everything that is the user's.
    pub async fn delete(work: &mut Work<'_>, id: UserId) -> Result<(), sqlx::Error> {
        in_work!(work, connection => sqlx::query(DELETE).bind(id).execute(connection).await.map(drop))
    }
}

fn unless_taken<T>(done: Result<T, sqlx::Error>) -> Result<Result<T, EmailTaken>, sqlx::Error> {
    match done {
        Ok(value) => Ok(Ok(value)),
        Err(sqlx::Error::Database(error)) if error.is_unique_violation() => Ok(Err(EmailTaken)),
        Err(error) => Err(error),
    }
}

impl Credentials {
    pub async fn find(reader: &Reader, email: &Email) -> Result<Option<Self>, sqlx::Error> {
        let email = email.as_str();
        match reader.engine() {
            EngineAccess::Sqlite(pool) => {
                sqlx::query_as(CREDENTIALS_SQLITE)
                    .bind(email)
                    .fetch_optional(pool)
                    .await
            }
            EngineAccess::Postgres(pool) => {
                sqlx::query_as(CREDENTIALS_POSTGRES)
                    .bind(email)
                    .fetch_optional(pool)
                    .await
            }
        }
    }

    pub async fn hash_of(reader: &Reader, id: UserId) -> Result<Option<String>, sqlx::Error> {
        each_engine!(reader, pool => sqlx::query_scalar(HASH_OF).bind(id).fetch_optional(pool).await)
    }

    pub async fn replace_hash(writer: &Writer, id: UserId, hash: &str) -> Result<(), sqlx::Error> {
        each_engine!(writer, pool => sqlx::query(REPLACE_HASH).bind(id).bind(hash).execute(pool).await.map(drop))
    }

    pub async fn replace_hash_in(
        work: &mut Work<'_>,
        id: UserId,
        hash: &str,
    ) -> Result<(), sqlx::Error> {
        in_work!(work, connection => sqlx::query(REPLACE_HASH).bind(id).bind(hash).execute(connection).await.map(drop))
    }
}
