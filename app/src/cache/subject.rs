//! What can change under a cache.

use crate::database::{PostId, SessionId, UserId};

/// One thing that copies are kept of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Subject {
    /// What a user's profile shows.
    Profile(UserId),
    Post(PostId),
    /// Everything a user may do: permissions, and every session.
    Access(UserId),
    Session(SessionId),
}

impl Subject {
    /// The name of its cache in the metrics.
    pub(super) fn cache(self) -> &'static str {
        match self {
            Self::Profile(_) => "users",
            Self::Post(_) => "posts",
            Self::Access(_) | Self::Session(_) => "tokens",
        }
    }

    /// The same number for the same subject, in every process; spread over all of 64 bits.
    pub(super) fn number(self) -> u64 {
        let (kind, id) = match self {
            Self::Profile(id) => (1_u64, id.0),
            Self::Post(id) => (2, id.0),
            Self::Access(id) => (3, id.0),
            Self::Session(id) => (4, id.0),
        };
        let (high, low) = id.as_u64_pair();
        // Ids of one moment share their beginnings: the halves are mixed before they are cut to a slot.
        (high ^ low.rotate_left(23) ^ kind.rotate_left(59)).wrapping_mul(0x9e37_79b9_7f4a_7c15)
    }
}
