//! What a flag is, and to whom it opens.

use serde::Serialize;
use sha2::{Digest, Sha256};
use utoipa::ToSchema;

use super::FlagName;
use crate::database::{Timestamp, UserId};
use crate::http::Invalid;

/// A share of the users, in percent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Share(u8);

impl Share {
    pub const EVERYBODY: Self = Self(100);

    pub fn parse(percent: i64) -> Result<Self, Invalid> {
        u8::try_from(percent)
            .ok()
            .filter(|percent| *percent <= 100)
            .map(Self)
            .ok_or_else(|| Invalid::new("share", "must be a number from 0 to 100"))
    }

    pub fn percent(self) -> i32 {
        self.0.into()
    }

    /// The same user is always in or always out, whichever process is asked; another flag draws the users anew. A share that
    /// grows keeps everybody who was in.
    fn holds(self, flag: &str, user: UserId) -> bool {
        let digest = Sha256::new()
            .chain_update(flag.as_bytes())
            .chain_update(b" ")
            .chain_update(user.0.as_bytes())
            .finalize();
        let mut drawn = [0; 8];
        drawn.copy_from_slice(&digest[..8]);
        u64::from_be_bytes(drawn) % 100 < u64::from(self.0)
    }
}

/// A row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flag {
    pub name: FlagName,
    pub enabled: bool,
    pub share: Share,
    pub updated_at: Timestamp,
    pub updated_by: Option<UserId>,
}

impl Flag {
    /// To this user; to nobody in particular only where it is open to everybody.
    pub fn opens_to(&self, user: Option<UserId>) -> bool {
        self.enabled
            && match user {
                Some(user) => self.share.holds(self.name.as_str(), user),
                None => self.share == Share::EVERYBODY,
            }
    }

    pub fn opens_to_somebody(&self) -> bool {
        self.enabled && self.share.0 > 0
    }
}

/// What decides about a flag.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub enum Source {
    #[serde(rename = "overridden by the environment")]
    Environment,
    #[serde(rename = "database")]
    Database,
    #[serde(rename = "never set")]
    NeverSet,
}

/// How a flag stands: what decides, and what the database says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Standing {
    pub name: FlagName,
    /// Whether it is open, to `share` percent of the users.
    pub open: bool,
    /// Percent of the users; the same ones in every process and after every restart.
    #[schema(minimum = 0, maximum = 100)]
    pub share: i32,
    pub source: Source,
    /// What the database says, in force or not; null where it has no such row.
    pub in_database: Option<InDatabase>,
}

/// What the database says of a flag.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct InDatabase {
    pub enabled: bool,
    #[schema(minimum = 0, maximum = 100)]
    pub share: i32,
    pub updated_at: Timestamp,
    pub updated_by: Option<UserId>,
}

impl From<&Flag> for InDatabase {
    fn from(flag: &Flag) -> Self {
        Self {
            enabled: flag.enabled,
            share: flag.share.percent(),
            updated_at: flag.updated_at,
            updated_by: flag.updated_by,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn user(number: u128) -> UserId {
        UserId(uuid::Uuid::from_u128(number))
    }

    #[test]
    fn a_share_of_the_users_is_about_that_many_and_only_ever_grows() {
        let within = |percent, number| Share(percent).holds("FEATURE_X", user(number));
        let count = |percent| (0..2000).filter(|number| within(percent, *number)).count();
        assert_eq!(count(0), 0);
        assert_eq!(count(100), 2000);
        assert!((400..600).contains(&count(25)), "{}", count(25));
        assert!((0..2000).all(|number| !within(25, number) || within(26, number)));
    }

    #[test]
    fn each_flag_draws_its_own_users() {
        let held = |flag| (0..2000).filter(move |number| Share(50).holds(flag, user(*number)));
        let both = held("FEATURE_X").filter(|number| Share(50).holds("FEATURE_Y", user(*number)));
        assert!((400..600).contains(&both.count()));
    }

    /// Kept by hand: a user who was in must not be out after an update of this program.
    #[test]
    fn who_is_drawn_does_not_change_between_versions() {
        let drawn: Vec<u128> = (0..12)
            .filter(|number| Share(25).holds("FEATURE_BETA_API_V2", user(*number)))
            .collect();
        assert_eq!(drawn, [1, 2]);
    }
}
