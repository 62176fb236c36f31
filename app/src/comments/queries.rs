//! The SQL of comments, one text for both engines.

use super::Comment;
use crate::database::{CommentId, PostId, Reader, UserId, Work, each_engine, in_work};
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

const OF_AUTHOR: &str = "SELECT c.id, c.post_id, c.user_id, c.content, c.created_at \
    FROM comments c JOIN posts p ON p.id = c.post_id \
    WHERE c.user_id = $2 AND (p.published OR p.user_id = $3) \
    ORDER BY c.created_at DESC, c.id DESC LIMIT $1";
const OF_AUTHOR_AFTER: &str = "SELECT c.id, c.post_id, c.user_id, c.content, c.created_at \
    FROM comments c JOIN posts p ON p.id = c.post_id \
    WHERE c.user_id = $2 AND (p.published OR p.user_id = $3) AND (c.created_at, c.id) < ($4, $5) \
    ORDER BY c.created_at DESC, c.id DESC LIMIT $1";
const OWNERS: &str = "SELECT c.user_id AS of_comment, p.user_id AS of_post \
    FROM comments c JOIN posts p ON p.id = c.post_id \
    WHERE c.id = $1 AND (p.published OR p.user_id = $2)";
const DELETE: &str = "DELETE FROM comments WHERE id = $1";

/// Whose a comment is.
#[derive(Debug, sqlx::FromRow)]
pub struct Owners {
    pub of_comment: UserId,
    pub of_post: UserId,
}

/// Why a comment was not written.
#[derive(Debug)]
pub enum NotWritten {
    NoSuchPost,
    NoSuchAuthor,
}

impl Comment {
    pub async fn create(
        work: &mut Work<'_>,
        post: PostId,
        author: UserId,
        content: &Content,
    ) -> Result<Result<Self, NotWritten>, sqlx::Error> {
        let created = in_work!(work, connection => sqlx::query_as(INSERT)
            .bind(post)
            .bind(author)
            .bind(content.as_str())
            .fetch_optional(connection)
            .await);
        match created {
            Ok(comment) => Ok(comment.ok_or(NotWritten::NoSuchPost)),
            Err(sqlx::Error::Database(error)) if error.is_foreign_key_violation() => {
                Ok(Err(NotWritten::NoSuchAuthor))
            }
            Err(error) => Err(error),
        }
    }

    /// The comments of somebody under posts that `viewer` may see, newest first.
    pub async fn list_of(
        reader: &Reader,
        author: UserId,
        viewer: UserId,
        page: PageRequest,
    ) -> Result<Vec<Self>, sqlx::Error> {
        let rows = page.rows_to_read();
        let Some(after) = page.after else {
            return each_engine!(reader, pool => sqlx::query_as(OF_AUTHOR)
                .bind(rows)
                .bind(author)
                .bind(viewer)
                .fetch_all(pool)
                .await);
        };
        each_engine!(reader, pool => sqlx::query_as(OF_AUTHOR_AFTER)
            .bind(rows)
            .bind(author)
            .bind(viewer)
            .bind(after.created_at)
            .bind(CommentId(after.id))
            .fetch_all(pool)
            .await)
    }

    /// Who wrote a comment and who the post above it, if `viewer` may see that.
    pub async fn owners(
        work: &mut Work<'_>,
        id: CommentId,
        viewer: UserId,
    ) -> Result<Option<Owners>, sqlx::Error> {
        in_work!(work, connection => sqlx::query_as(OWNERS)
            .bind(id)
            .bind(viewer)
            .fetch_optional(connection)
            .await)
    }

    pub async fn delete(work: &mut Work<'_>, id: CommentId) -> Result<(), sqlx::Error> {
        in_work!(work, connection => sqlx::query(DELETE).bind(id).execute(connection).await.map(drop))
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
