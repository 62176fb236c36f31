//! The SQL of comments, one text for both engines.

use super::Comment;
use crate::database::{CommentId, PostId, Reader, UserId, Writer, each_engine};
use crate::http::PageRequest;
use crate::posts::Content;

/// Only under a post that the author can see, decided in the same statement.
const INSERT: &str = "INSERT INTO comments (post_id, user_id, content) \
    SELECT id, $2, $3 FROM posts WHERE id = $1 AND (published OR user_id = $2) \
    RETURNING id, post_id, user_id, content, created_at";
const LIST: &str = "SELECT id, post_id, user_id, content, created_at \
    FROM comments WHERE post_id = $1 \
    ORDER BY created_at, id LIMIT $2";
const LIST_AFTER: &str = "SELECT id, post_id, user_id, content, created_at \
    FROM comments WHERE post_id = $1 AND (created_at, id) > ($3, $4) \
    ORDER BY created_at, id LIMIT $2";

/// Why a comment was not written.
#[derive(Debug)]
pub enum NotWritten {
    NoSuchPost,
    NoSuchAuthor,
}

impl Comment {
    pub async fn create(
        writer: &Writer,
        post: PostId,
        author: UserId,
        content: &Content,
    ) -> Result<Result<Self, NotWritten>, sqlx::Error> {
        let created = each_engine!(writer, pool => sqlx::query_as(INSERT)
            .bind(post)
            .bind(author)
            .bind(content.as_str())
            .fetch_optional(pool)
            .await);
        match created {
            Ok(comment) => Ok(comment.ok_or(NotWritten::NoSuchPost)),
            Err(sqlx::Error::Database(error)) if error.is_foreign_key_violation() => {
                Ok(Err(NotWritten::NoSuchAuthor))
            }
            Err(error) => Err(error),
        }
    }

    /// The comments under a post, oldest first.
    pub async fn list(
        reader: &Reader,
        post: PostId,
        page: PageRequest,
    ) -> Result<Vec<Self>, sqlx::Error> {
        let rows = page.rows_to_read();
        let Some(after) = page.after else {
            return each_engine!(reader, pool => sqlx::query_as(LIST)
                .bind(post)
                .bind(rows)
                .fetch_all(pool)
                .await);
        };
        each_engine!(reader, pool => sqlx::query_as(LIST_AFTER)
            .bind(post)
            .bind(rows)
            .bind(after.created_at)
            .bind(CommentId(after.id))
            .fetch_all(pool)
            .await)
    }
}
