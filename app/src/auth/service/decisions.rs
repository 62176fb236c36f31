//! What the auth service decided lately about a token and a user, for as long as a verified token is kept; dropped by the same
//! changes, since its stamp is the token's.

use std::time::Duration;

use moka::sync::Cache;
use sha2::{Digest, Sha256};

use crate::auth::permission::Permission;
use crate::cache::Stamp;
use crate::database::UserId;

/// Decisions kept at once; about 150 bytes each.
const MOST: u64 = 50_000;

#[derive(Debug)]
pub struct Decisions(Option<Cache<[u8; 32], (bool, Stamp)>>);

impl Decisions {
    /// Keeps each for `lasts`; for no time: not at all.
    pub fn new(lasts: Duration) -> Self {
        Self((!lasts.is_zero()).then(|| {
            Cache::builder()
                .max_capacity(MOST)
                .time_to_live(lasts)
                .build()
        }))
    }

    /// What was decided, unless something changed since.
    pub fn find(&self, of: [u8; 32], now: Stamp) -> Option<bool> {
        let (allowed, stamp) = self.0.as_ref()?.get(&of)?;
        (stamp == now).then_some(allowed)
    }

    pub fn keep(&self, of: [u8; 32], allowed: bool, stamp: Stamp) {
        if let Some(kept) = &self.0 {
            kept.insert(of, (allowed, stamp));
        }
    }
}

/// Of a token and what is asked; nothing of the token can be found out from it.
pub fn about(token: &str, permission: Permission, user: UserId) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update([permission as u8]);
    hash.update(user.0.as_bytes());
    hash.update(token);
    hash.finalize().into()
}
