//! One copy: an answer as it is sent, and what decides who may see it.

use serde::Serialize;

use crate::database::UserId;
use crate::http::{ApiError, Encoded};

/// Who may see a copy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Audience {
    /// Its owner, and whoever has a permission.
    Owner,
    /// Everybody who is known.
    Everybody,
}

/// An answer that is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    pub owner: UserId,
    pub audience: Audience,
    pub answer: Encoded,
}

impl Entry {
    pub fn new<T: Serialize>(
        owner: UserId,
        audience: Audience,
        value: &T,
    ) -> Result<Self, ApiError> {
        Ok(Self {
            owner,
            audience,
            answer: Encoded::of(value)?,
        })
    }

    /// Whether it is there for `viewer` without any permission.
    pub fn is_for(&self, viewer: UserId) -> bool {
        self.audience == Audience::Everybody || self.owner == viewer
    }
}
