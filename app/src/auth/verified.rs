//! Tokens that were found good, for seconds: their signature and their session need not be looked at again for each request.
//! Kept by the hash of the token, so that a copy of this memory lets nobody in. Dropped at once by what this process hears of:
//! log-out, revocation, a new password, another database, other keys; how late it can be is in docs/decisions/0044-cache.md.

use std::sync::Arc;
use std::time::Duration;

use moka::sync::Cache;
use sha2::{Digest, Sha256};
use time::OffsetDateTime;

use super::tokens::Bearer;
use crate::cache::Stamp;
use crate::database::Timestamp;
use crate::telemetry::metrics::look_ups::{Found, looked_up};

/// Tokens kept at once; about 300 bytes each.
const MOST: u64 = 50_000;

type TokenHash = [u8; 32];

/// What was found out about a token.
#[derive(Debug, Clone)]
pub struct Standing {
    pub bearer: Bearer,
    /// Names of permissions, comma between them.
    pub granted: Arc<str>,
    /// Seconds since 1970.
    pub issued_at: i64,
    /// Seconds since 1970.
    pub expires_at: i64,
    /// Of the moment before anything was asked about it.
    pub stamp: Stamp,
}

impl Standing {
    /// Whether its time has not come, and no revocation of everybody's came after it.
    fn holds(&self, valid_after: Option<Timestamp>) -> bool {
        let revoked =
            valid_after.is_some_and(|moment| self.issued_at < moment.seconds_rounded_up());
        !revoked && OffsetDateTime::now_utc().unix_timestamp() < self.expires_at
    }
}

/// The tokens that this process verified lately.
#[derive(Debug)]
pub struct Verified(Option<Cache<TokenHash, Arc<Standing>>>);

impl Verified {
    /// Keeps each for `lasts`; for no time: not at all.
    pub fn new(lasts: Duration) -> Self {
        Self((!lasts.is_zero()).then(|| {
            Cache::builder()
                .max_capacity(MOST)
                .time_to_live(lasts)
                .build()
        }))
    }

    /// What is known of the token, unless something changed since. `now` tells the stamp that would be taken at present.
    pub fn find(
        &self,
        token: &str,
        valid_after: Option<Timestamp>,
        now: impl FnOnce(Bearer) -> Stamp,
    ) -> Option<Arc<Standing>> {
        let kept = self.0.as_ref()?;
        let standing = kept.get(&hash(token));
        let standing =
            standing.filter(|found| found.holds(valid_after) && found.stamp == now(found.bearer));
        looked_up(
            "tokens",
            standing.as_ref().map_or(Found::Miss, |_| Found::Hit),
        );
        standing
    }

    /// Remembers what was found out about the token.
    pub fn keep(&self, token: &str, standing: &Arc<Standing>) {
        if let Some(kept) = &self.0 {
            kept.insert(hash(token), Arc::clone(standing));
        }
    }
}

fn hash(token: &str) -> TokenHash {
    Sha256::digest(token).into()
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::cache::{Epochs, Subject};
    use crate::database::UserId;

    const USER: UserId = UserId(Uuid::from_u128(7));

    fn standing(epochs: &Epochs, lasts: i64) -> Arc<Standing> {
        let now = OffsetDateTime::now_utc().unix_timestamp();
        Arc::new(Standing {
            bearer: Bearer {
                user: USER,
                session: None,
            },
            granted: "".into(),
            issued_at: now,
            expires_at: now + lasts,
            stamp: epochs.stamp(&[Subject::Access(USER)]),
        })
    }

    #[test]
    fn a_token_is_known_until_something_changes_or_its_time_has_come() {
        let (epochs, verified) = (Epochs::default(), Verified::new(Duration::from_secs(60)));
        let find = |token, valid_after| {
            let now = |bearer: Bearer| epochs.stamp(&[Subject::Access(bearer.user)]);
            verified.find(token, valid_after, now).is_some()
        };
        verified.keep("good", &standing(&epochs, 60));
        verified.keep("expired", &standing(&epochs, 0));
        assert!(find("good", None));
        assert!(!find("other", None) && !find("expired", None));
        let later = OffsetDateTime::now_utc().unix_timestamp() + 60;
        assert!(!find(
            "good",
            Timestamp::from_microseconds(later * 1_000_000)
        ));
        epochs.changed(Subject::Access(USER));
        assert!(!find("good", None));
    }

    #[test]
    fn nothing_is_kept_where_that_was_not_wanted() {
        let (epochs, verified) = (Epochs::default(), Verified::new(Duration::ZERO));
        let standing = standing(&epochs, 60);
        verified.keep("good", &standing);
        assert!(verified.find("good", None, |_| standing.stamp).is_none());
    }
}
