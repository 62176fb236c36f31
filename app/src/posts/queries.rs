//! The SQL of posts, one text for both engines.

use super::{Content, Post, Title};
use crate::database::{PostId, Reader, UserId, Writer, each_engine};
use crate::http::PageRequest;

const INSERT: &str = "INSERT INTO posts (user_id, title, content, published) \
    VALUES ($1, $2, $3, $4) \
    RETURNING id, user_id, title, content, published, created_at, updated_at";
const FIND_VISIBLE: &str = "SELECT id, user_id, title, content, published, created_at, updated_at \
    FROM posts WHERE id = $1 AND (published OR user_id = $2)";
const LIST: &str = "SELECT id, user_id, title, content, published, created_at, updated_at \
    FROM posts WHERE published = TRUE \
    ORDER BY created_at DESC, id DESC LIMIT $1";
const LIST_AFTER: &str = "SELECT id, user_id, title, content, published, created_at, updated_at \
    FROM posts WHERE published = TRUE AND (created_at, id) < ($2, $3) \
    ORDER BY created_at DESC, id DESC LIMIT $1";

/// A post to be.
#[derive(Debug)]
pub struct NewPost {
    pub author: UserId,
    pub title: Title,
    pub content: Content,
    pub published: bool,
}

impl Post {
    /// None when the author is gone.
    pub async fn create(writer: &Writer, new: &NewPost) -> Result<Option<Self>, sqlx::Error> {
        let created = each_engine!(writer, pool => sqlx::query_as(INSERT)
            .bind(new.author)
            .bind(new.title.as_str())
            .bind(new.content.as_str())
            .bind(new.published)
            .fetch_one(pool)
            .await);
        match created {
            Ok(post) => Ok(Some(post)),
            Err(sqlx::Error::Database(error)) if error.is_foreign_key_violation() => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// The post, if `viewer` may see it.
    pub async fn find(
        reader: &Reader,
        id: PostId,
        viewer: UserId,
    ) -> Result<Option<Self>, sqlx::Error> {
        each_engine!(reader, pool => sqlx::query_as(FIND_VISIBLE)
            .bind(id)
            .bind(viewer)
            .fetch_optional(pool)
            .await)
    }

    /// Published posts, newest first.
    pub async fn list(reader: &Reader, page: PageRequest) -> Result<Vec<Self>, sqlx::Error> {
        let rows = page.rows_to_read();
        let Some(after) = page.after else {
            return each_engine!(reader, pool => sqlx::query_as(LIST).bind(rows).fetch_all(pool).await);
        };
        each_engine!(reader, pool => sqlx::query_as(LIST_AFTER)
            .bind(rows)
            .bind(after.created_at)
            .bind(PostId(after.id))
            .fetch_all(pool)
            .await)
    }
}
