//! The SQL of posts. One text for both engines but for the lock on a row, which SQLite's single writer does not need.

use super::{Content, Post, Title};
use crate::database::{PostId, Reader, UserId, Work, WorkConnection, each_engine, in_work};
use crate::http::PageRequest;

const INSERT: &str = "INSERT INTO posts (user_id, title, content, published) \
    VALUES ($1, $2, $3, $4) \
    RETURNING id, user_id, title, content, published, created_at, updated_at";
const FIND_VISIBLE: &str = "SELECT id, user_id, title, content, published, created_at, updated_at \
    FROM posts WHERE id = $1 AND (published OR user_id = $2)";
const FIND: &str = "SELECT id, user_id, title, content, published, created_at, updated_at FROM posts WHERE id = $1";
const IDS_OF_AUTHOR: &str = "SELECT id FROM posts WHERE user_id = $1";
const FIND_LOCKED_POSTGRES: &str = "SELECT id, user_id, title, content, published, created_at, updated_at \
    FROM posts WHERE id = $1 AND (published OR user_id = $2) FOR UPDATE";
const UPDATE: &str = "UPDATE posts SET title = $2, content = $3, published = $4 WHERE id = $1";
const DELETE: &str = "DELETE FROM posts WHERE id = $1";
const LIST: &str = "SELECT id, user_id, title, content, published, created_at, updated_at \
    FROM posts WHERE published = TRUE \
    ORDER BY created_at DESC, id DESC LIMIT $1";
const LIST_AFTER: &str = "SELECT id, user_id, title, content, published, created_at, updated_at \
    FROM posts WHERE published = TRUE AND (created_at, id) < ($2, $3) \
    ORDER BY created_at DESC, id DESC LIMIT $1";
const OF_AUTHOR: &str = "SELECT id, user_id, title, content, published, created_at, updated_at \
    FROM posts WHERE user_id = $2 AND (published OR user_id = $3) \
    ORDER BY created_at DESC, id DESC LIMIT $1";
const OF_AUTHOR_AFTER: &str = "SELECT id, user_id, title, content, published, created_at, updated_at \
    FROM posts WHERE user_id = $2 AND (published OR user_id = $3) AND (created_at, id) < ($4, $5) \
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
    pub async fn create(work: &mut Work<'_>, new: &NewPost) -> Result<Option<Self>, sqlx::Error> {
        let created = in_work!(work, connection => sqlx::query_as(INSERT)
            .bind(new.author)
            .bind(new.title.as_str())
            .bind(new.content.as_str())
            .bind(new.published)
            .fetch_one(connection)
            .await);
        match created {
            Ok(post) => Ok(Some(post)),
            Err(sqlx::Error::Database(error)) if error.is_foreign_key_violation() => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// The post, whoever may see it.
    pub async fn find_any(reader: &Reader, id: PostId) -> Result<Option<Self>, sqlx::Error> {
        each_engine!(reader, pool => sqlx::query_as(FIND).bind(id).fetch_optional(pool).await)
    }

    /// Every post of an author whose row is locked: there will be no other while the transaction lasts.
    pub async fn of_author(
        work: &mut Work<'_>,
        author: UserId,
    ) -> Result<Vec<PostId>, sqlx::Error> {
        in_work!(work, connection => sqlx::query_scalar(IDS_OF_AUTHOR)
            .bind(author)
            .fetch_all(connection)
            .await)
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

    /// The same, as it is until the transaction ends.
    pub async fn find_in(
        work: &mut Work<'_>,
        id: PostId,
        viewer: UserId,
    ) -> Result<Option<Self>, sqlx::Error> {
        match work.connection() {
            WorkConnection::Sqlite(connection) => {
                let query = sqlx::query_as(FIND_VISIBLE).bind(id).bind(viewer);
                query.fetch_optional(connection).await
            }
            WorkConnection::Postgres(connection) => {
                let query = sqlx::query_as(FIND_LOCKED_POSTGRES).bind(id).bind(viewer);
                query.fetch_optional(connection).await
            }
        }
    }

    /// Writes what may change of it.
    pub async fn save(&self, work: &mut Work<'_>) -> Result<(), sqlx::Error> {
        in_work!(work, connection => sqlx::query(UPDATE)
            .bind(self.id)
            .bind(&self.title)
            .bind(&self.content)
            .bind(self.published)
            .execute(connection)
            .await
            .map(drop))
    }

    /// With its comments.
    pub async fn delete(work: &mut Work<'_>, id: PostId) -> Result<(), sqlx::Error> {
        in_work!(work, connection => sqlx::query(DELETE).bind(id).execute(connection).await.map(drop))
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

    /// The posts of an author that `viewer` may see, newest first.
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
            .bind(PostId(after.id))
            .fetch_all(pool)
            .await)
    }
}
