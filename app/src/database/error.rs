//! What can be wrong with a database: before it is opened, and while it is used.

use super::{DatabaseRole, Mode};

/// Why a database cannot be opened or must not be used. Each names the command that helps.
#[derive(Debug, thiserror::Error)]
pub enum DatabaseError {
    #[error("the database descriptor {path} cannot be used: {problem}")]
    Descriptor { path: String, problem: String },
    #[error("the database descriptor {path} has version {version}, this app reads version 1")]
    DescriptorTooNew { path: String, version: u64 },
    #[error("the database URL cannot be used: {problem}")]
    Url { problem: &'static str },
    #[error(
        "the way to the database is not encrypted; this environment accepts sslmode=verify-full alone"
    )]
    Plaintext,
    #[error("cannot connect to the database: {0}")]
    Connect(#[source] sqlx::Error),
    #[error("cannot read what the database says about itself: {0}")]
    Inspect(#[source] sqlx::Error),
    #[error("the database has schema {found}, this app needs {needed} or later")]
    SchemaTooOld { found: i64, needed: i64 },
    #[error("the database no longer supports apps below schema {oldest}, this one has {own}")]
    AppTooOld { oldest: i64, own: i64 },
    #[error("the database does not say which one it is")]
    NoIdentity,
    #[error("the database is {role}, not the primary")]
    NotPrimary { role: DatabaseRole },
    #[error("the database is of lineage {found}, not of {expected} as the descriptor says")]
    OtherLineage {
        found: uuid::Uuid,
        expected: uuid::Uuid,
    },
    #[error("the database was let go of, and another one is not taken in its place")]
    LetGoOf,
    #[error("the presence file {path} cannot be written: {problem}")]
    Presence { path: String, problem: String },
}

impl DatabaseError {
    /// What to run; shown with the error.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::SchemaTooOld { .. } | Self::NoIdentity => "opsctl migrate up",
            Self::AppTooOld { .. } => {
                "opsctl deploy a newer app, or opsctl migrate down to the schema this one supports"
            }
            Self::NotPrimary { .. } | Self::OtherLineage { .. } => {
                "opsctl doctor shows which database is the primary; opsctl env adopt changes that"
            }
            Self::Plaintext => "add sslmode=verify-full and sslrootcert to the database's URL",
            Self::DescriptorTooNew { .. } => "opsctl deploy a newer app",
            Self::Descriptor { .. } | Self::Url { .. } | Self::Presence { .. } => "opsctl doctor",
            Self::LetGoOf => {
                "opsctl doctor shows which database is the primary; then start the service anew"
            }
            Self::Connect(_) | Self::Inspect(_) => "opsctl doctor",
        }
    }
}

/// Why a request gets no database right now. All of them pass: the client may try again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unavailable {
    #[error("the platform stands aside ({mode})")]
    StandingAside { mode: Mode },
    #[error("this process only reads")]
    OnlyReads,
    #[error("no database may be used at the moment")]
    NoDatabase,
}
