//! What a comment is.

use serde::Serialize;

use crate::database::{CommentId, PostId, Timestamp, UserId};
use crate::http::Cursor;

#[derive(Debug, Clone, Serialize, sqlx::FromRow, utoipa::ToSchema)]
pub struct Comment {
    pub id: CommentId,
    pub post_id: PostId,
    pub user_id: UserId,
    pub content: String,
    pub created_at: Timestamp,
}

impl Comment {
    pub fn place(&self) -> Cursor {
        Cursor {
            created_at: self.created_at,
            id: self.id.0,
        }
    }
}
