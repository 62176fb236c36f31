//! Where secrets are kept, in versions with stages; who is handed them; and the database's logins.
//!
//! The stages are those of AWS Secrets Manager, so that it and a file of one machine answer the same port.

use std::fmt;

use async_trait::async_trait;

use super::Location;
use crate::clock::Timestamp;
use crate::failure::Result;
use crate::guard::Permit;
use crate::secret::Secret;
use crate::secrets::SecretKind;

/// One version of a secret. Given by whoever puts it, so that a lost answer is found again.
#[derive(
    Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
)]
#[serde(transparent)]
pub struct VersionId(pub String);

impl fmt::Display for VersionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What a version is to its secret.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// In use.
    Current,
    /// Prepared; of keys that are only verified it is read already.
    Pending,
    /// In use before; of keys that are only verified it is still read.
    Previous,
}

impl Stage {
    /// The word that users read.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Current => "current",
            Self::Pending => "pending",
            Self::Previous => "previous",
        }
    }
}

/// What may be told of a version.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct VersionFacts {
    /// Which.
    pub id: VersionId,
    /// Since when it exists.
    pub created_at: Timestamp,
    /// Its stages.
    pub stages: Vec<Stage>,
    /// Of a database's credentials: for which login.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub login: Option<String>,
    /// Whether it holds a value: a broken rotation leaves one without.
    pub whole: bool,
}

/// What may be told of a secret.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct SecretFacts {
    /// The versions that have a stage.
    pub versions: Vec<VersionFacts>,
    /// Who else rotates it, where somebody does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rotated_by: Option<String>,
}

/// When a secret last became another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Changed {
    /// Of the version in use; `None` while there is none.
    pub at: Option<Timestamp>,
}

impl SecretFacts {
    /// The version at a stage.
    #[must_use]
    pub fn at(&self, stage: Stage) -> Option<&VersionFacts> {
        self.versions
            .iter()
            .find(|version| version.stages.contains(&stage))
    }

    /// A version by its id.
    #[must_use]
    pub fn version(&self, id: &VersionId) -> Option<&VersionFacts> {
        self.versions.iter().find(|version| version.id == *id)
    }

    /// What is pending and nothing else: a version that was moved keeps the mark until somebody tidies up.
    #[must_use]
    pub fn pending(&self) -> Option<&VersionFacts> {
        self.at(Stage::Pending)
            .filter(|version| version.stages == [Stage::Pending])
    }
}

/// What a version holds. Shows itself to nobody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SecretValue {
    /// Credentials of a database.
    Login {
        /// Whose.
        user: String,
        /// The password.
        password: Secret<String>,
    },
    /// One text: a key, or an address with its password.
    Text(Secret<String>),
}

/// The secrets of an environment. Every change is a compare-and-swap.
#[async_trait]
pub trait SecretStore: Send + Sync {
    /// Those that this environment may have.
    fn kinds(&self) -> Vec<SecretKind>;

    /// What may be told of one; `None` when it was never made.
    async fn describe(&self, kind: SecretKind) -> Result<Option<SecretFacts>>;

    /// Since when one is what it is, for whoever may read no value; `None` when it was never made.
    async fn changed(&self, kind: SecretKind) -> Result<Option<Changed>> {
        let facts = self.describe(kind).await?;
        Ok(facts.map(|facts| Changed {
            at: facts.at(Stage::Current).map(|version| version.created_at),
        }))
    }

    /// The names of whatever else lies there: nobody knows how old that may become.
    async fn strays(&self) -> Result<Vec<String>>;

    /// The value of a version.
    async fn read(&self, kind: SecretKind, version: &VersionId) -> Result<SecretValue>;

    /// Puts a version and marks it pending. The same again changes nothing.
    ///
    /// # Errors
    /// When that version has another value, or ([`crate::FailureKind::Locked`]) another version is pending.
    async fn put_pending(
        &self,
        permit: &Permit<'_>,
        kind: SecretKind,
        version: &VersionId,
        value: &SecretValue,
    ) -> Result<()>;

    /// Makes `to` current if `from` is current now (`None`: nothing is); `from` is previous then.
    ///
    /// # Errors
    /// [`crate::FailureKind::Locked`] when another version is current.
    async fn move_current(
        &self,
        permit: &Permit<'_>,
        kind: SecretKind,
        from: Option<&VersionId>,
        to: &VersionId,
    ) -> Result<()>;

    /// Takes a stage away from a version; one that does not have it is fine. A version without a stage is gone.
    async fn drop_stage(
        &self,
        permit: &Permit<'_>,
        kind: SecretKind,
        stage: Stage,
        version: &VersionId,
    ) -> Result<()>;
}

/// What was handed over: processes that are as far have it. Only whoever gave it can read it.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct Mark(pub String);

/// A process of the application, and whether it uses what was handed over.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Follower {
    /// Who, so that somebody can look for it.
    pub name: String,
    /// Whether it uses it.
    pub follows: bool,
    /// What it says of itself.
    pub says: String,
}

/// Hands the application its secrets, and sees who uses them.
#[async_trait]
pub trait SecretDelivery: Send + Sync {
    /// Whether it could be handed over now.
    ///
    /// # Errors
    /// When somebody else wrote where it would be written.
    async fn ready(&self, kind: SecretKind) -> Result<()>;

    /// The mark of what is handed over; `None` while that is not what the store holds.
    async fn told(&self, kind: SecretKind) -> Result<Option<Mark>>;

    /// Hands over what the store holds now. The same again changes nothing.
    async fn tell(&self, permit: &Permit<'_>, kind: SecretKind) -> Result<Mark>;

    /// Every living process, and whether it is as far as the mark.
    async fn followers(&self, kind: SecretKind, mark: &Mark) -> Result<Vec<Follower>>;

    /// The longest lifetime of a token that a living process signs; `None` when none says so.
    async fn token_lifetime(&self) -> Result<Option<std::time::Duration>>;
}

/// A session of a login.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct LoginSession {
    /// The server's process.
    pub pid: i32,
    /// Of which login.
    pub login: String,
    /// What the client calls itself.
    pub application: String,
    /// Where it comes from; `None` through a socket.
    pub address: Option<String>,
    /// Since when.
    pub since: Timestamp,
}

impl fmt::Display for LoginSession {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let from = self.address.as_deref().unwrap_or("a socket");
        write!(
            f,
            "{}: session {} of '{}' from {from} since {}",
            self.login, self.pid, self.application, self.since
        )
    }
}

/// The password of the database's administrator, which the server's keeper sets: nobody logs in for it.
#[async_trait]
pub trait AdministratorPassword: Send + Sync {
    /// Sets it at the database that serves. The same again changes nothing; it may take a moment until it is in force.
    async fn set(&self, permit: &Permit<'_>, password: &Secret<String>) -> Result<()>;
}

/// How a log-in that was tried came out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LoginTrial {
    /// It works; what the login lacks that the other one of the pair may.
    Works {
        /// In words; empty when it lacks nothing.
        lacks: Vec<String>,
    },
    /// The server let nobody in.
    Refused {
        /// The server's words.
        words: String,
    },
}

/// The two logins that the application has at a database, one of them idle.
#[async_trait]
pub trait Logins: Send + Sync {
    /// Their names.
    fn pair(&self) -> [String; 2];

    /// What is missing for both to be alike, in words; empty when nothing is.
    async fn lacking(&self, administrator: &Location) -> Result<Vec<String>>;

    /// Makes what is missing. Idempotent; sets no password.
    async fn prepare(&self, permit: &Permit<'_>, administrator: &Location) -> Result<()>;

    /// The sessions of a login.
    async fn sessions(&self, administrator: &Location, login: &str) -> Result<Vec<LoginSession>>;

    /// Gives a login its password; the server is sent a verifier and never the password.
    async fn set_password(
        &self,
        permit: &Permit<'_>,
        administrator: &Location,
        login: &str,
        password: &Secret<String>,
    ) -> Result<()>;

    /// Logs in where the application does, and looks what that login may.
    async fn try_login(
        &self,
        application: &Location,
        login: &str,
        password: &Secret<String>,
    ) -> Result<LoginTrial>;
}
