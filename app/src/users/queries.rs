//! The SQL of users. Shared by both engines but for the look-up by address, where each has its own way to ignore case.

use super::{Credentials, Email, PersonName, User};
use crate::database::{EngineAccess, Reader, UserId, Writer, each_engine};

const INSERT: &str = "INSERT INTO users (email, password_hash, first_name, last_name) \
    VALUES ($1, $2, $3, $4) \
    RETURNING id, email, first_name, last_name, created_at, updated_at";
const FIND: &str =
    "SELECT id, email, first_name, last_name, created_at, updated_at FROM users WHERE id = $1";
const CREDENTIALS_SQLITE: &str = "SELECT id, password_hash FROM users WHERE email = $1";
const CREDENTIALS_POSTGRES: &str =
    "SELECT id, password_hash FROM users WHERE lower(email) = lower($1)";

/// A user to be.
#[derive(Debug)]
pub struct NewUser {
    pub email: Email,
    pub password_hash: String,
    pub first_name: Option<PersonName>,
    pub last_name: Option<PersonName>,
}

impl User {
    /// None when the address is taken.
    pub async fn create(writer: &Writer, new: &NewUser) -> Result<Option<Self>, sqlx::Error> {
        let first_name = new.first_name.as_ref().map(PersonName::as_str);
        let last_name = new.last_name.as_ref().map(PersonName::as_str);
        let created = each_engine!(writer, pool => sqlx::query_as(INSERT)
            .bind(new.email.as_str())
            .bind(&new.password_hash)
            .bind(first_name)
            .bind(last_name)
            .fetch_one(pool)
            .await);
        match created {
            Ok(user) => Ok(Some(user)),
            Err(sqlx::Error::Database(error)) if error.is_unique_violation() => Ok(None),
            Err(error) => Err(error),
        }
    }

    pub async fn find(reader: &Reader, id: UserId) -> Result<Option<Self>, sqlx::Error> {
        each_engine!(reader, pool => sqlx::query_as(FIND).bind(id).fetch_optional(pool).await)
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
}
