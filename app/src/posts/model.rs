//! What a post is, and what may become one.

use serde::Serialize;

use crate::database::{PostId, Timestamp, UserId};
use crate::http::{Cursor, Invalid, text};

#[derive(Debug, Clone, Serialize, sqlx::FromRow, utoipa::ToSchema)]
pub struct Post {
    pub id: PostId,
    pub user_id: UserId,
    pub title: String,
    pub content: String,
    pub published: bool,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

impl Post {
    pub fn place(&self) -> Cursor {
        Cursor {
            created_at: self.created_at,
            id: self.id.0,
        }
    }
}

/// 1 to 500 characters.
#[derive(Debug, Clone)]
pub struct Title(String);

impl Title {
    pub fn parse(value: String) -> Result<Self, Invalid> {
        text("title", value, 1..=500).map(Self)
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The text of a post or a comment; as long as the body limit allows.
#[derive(Debug, Clone)]
pub struct Content(String);

impl Content {
    pub fn parse(value: String) -> Result<Self, Invalid> {
        text("content", value, 1..=usize::MAX).map(Self)
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}
