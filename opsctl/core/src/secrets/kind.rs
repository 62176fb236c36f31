//! Which secrets there are, and how old each may become.

use std::fmt;
use std::str::FromStr;

use crate::environment::{Promises, Span};
use crate::failure::Failure;

/// A secret of the platform, by what it is for.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "kebab-case")]
pub enum SecretKind {
    /// The application's credentials at the database.
    Database,
    /// The key of tokens.
    Jwt,
    /// The key that a third party's messages are signed with.
    ApiKey,
    /// The way to Redis, with its password.
    Redis,
    /// The way to the mail server, with its password.
    Smtp,
    /// The database administrator's password.
    Master,
    /// The key that evidence is signed with.
    Signing,
}

impl SecretKind {
    /// All of them, in the order in which they are told.
    pub const ALL: [Self; 7] = [
        Self::Database,
        Self::Jwt,
        Self::ApiKey,
        Self::Redis,
        Self::Smtp,
        Self::Master,
        Self::Signing,
    ];

    /// The word that users write and read.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Database => "database",
            Self::Jwt => "jwt",
            Self::ApiKey => "api-key",
            Self::Redis => "redis",
            Self::Smtp => "smtp",
            Self::Master => "master",
            Self::Signing => "signing",
        }
    }

    /// What it is called where the infrastructure makes it: in an account of AWS `<name>/<this>`.
    #[must_use]
    pub const fn stored_as(self) -> &'static str {
        match self {
            Self::Master => "database-master",
            other => other.as_str(),
        }
    }

    /// The variable of the application that it is handed over as; `None`: the application is not handed it, or not
    /// as a variable.
    #[must_use]
    pub const fn variable(self) -> Option<&'static str> {
        match self {
            Self::Jwt => Some("JWT_SECRET"),
            Self::ApiKey => Some("API_KEY"),
            Self::Redis => Some("REDIS_URL"),
            Self::Smtp => Some("SMTP_URL"),
            Self::Database | Self::Master | Self::Signing => None,
        }
    }

    /// How old it may become.
    #[must_use]
    pub const fn may_be(self, promises: &Promises) -> Span {
        match self {
            Self::ApiKey => promises.api_key_rotation,
            Self::Database
            | Self::Jwt
            | Self::Redis
            | Self::Smtp
            | Self::Master
            | Self::Signing => promises.secret_rotation,
        }
    }

    /// Whether somebody else gives it: then it can't be made up.
    #[must_use]
    pub const fn is_given(self) -> bool {
        matches!(self, Self::Redis | Self::Smtp)
    }

    /// Whether the one before is believed until somebody says that it is over.
    #[must_use]
    pub const fn overlaps(self) -> bool {
        matches!(self, Self::Jwt | Self::ApiKey)
    }
}

impl fmt::Display for SecretKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for SecretKind {
    type Err = Failure;

    fn from_str(text: &str) -> Result<Self, Failure> {
        let found = Self::ALL.into_iter().find(|kind| kind.as_str() == text);
        found.ok_or_else(|| {
            let all = Self::ALL.map(Self::as_str).join(", ");
            Failure::usage(format!("there is no secret '{}'", text.escape_debug()))
                .cause(format!("the secrets are {all}"))
        })
    }
}
