//! `GET /api/v2/posts` and `GET /api/v2/posts/{id}`: the author stands in the post, so that a page needs no further question.

use axum::Json;
use axum::extract::State;
use axum::response::Response;
use serde::Serialize;
use utoipa::ToSchema;

use super::DisplayName;
use super::beta::Beta;
use crate::database::{PostId, Reader, Timestamp, UserId, each_engine};
use crate::http::{
    ApiError, AppState, Caching, Conditions, Cursor, Key, Page, PageParameters, PageRequest,
};
use crate::posts::no_such_post;

const ONE: &str = "SELECT p.id, p.user_id, p.title, p.content, p.published, p.created_at, p.updated_at, \
      u.first_name, u.last_name \
    FROM posts p JOIN users u ON u.id = p.user_id WHERE p.id = $1 AND (p.published OR p.user_id = $2)";
const LIST: &str = "SELECT p.id, p.user_id, p.title, p.content, p.published, p.created_at, p.updated_at, \
      u.first_name, u.last_name \
    FROM posts p JOIN users u ON u.id = p.user_id WHERE p.published = TRUE \
    ORDER BY p.created_at DESC, p.id DESC LIMIT $1";
const LIST_AFTER: &str = "SELECT p.id, p.user_id, p.title, p.content, p.published, p.created_at, p.updated_at, \
      u.first_name, u.last_name \
    FROM posts p JOIN users u ON u.id = p.user_id \
    WHERE p.published = TRUE AND (p.created_at, p.id) < ($2, $3) \
    ORDER BY p.created_at DESC, p.id DESC LIMIT $1";

#[derive(sqlx::FromRow)]
struct Row {
    id: PostId,
    user_id: UserId,
    title: String,
    content: String,
    published: bool,
    created_at: Timestamp,
    updated_at: Timestamp,
    first_name: Option<String>,
    last_name: Option<String>,
}

/// Who wrote a post, as everybody may see it.
#[derive(Serialize, ToSchema)]
pub struct Author {
    id: UserId,
    display_name: DisplayName,
}

/// A post with its author in it.
#[derive(Serialize, ToSchema)]
pub struct PostV2 {
    id: PostId,
    author: Author,
    title: String,
    content: String,
    published: bool,
    created_at: Timestamp,
    updated_at: Timestamp,
}

impl From<Row> for PostV2 {
    fn from(row: Row) -> Self {
        let (first, last) = (row.first_name.as_deref(), row.last_name.as_deref());
        Self {
            id: row.id,
            author: Author {
                id: row.user_id,
                display_name: DisplayName::of(row.user_id, first, last),
            },
            title: row.title,
            content: row.content,
            published: row.published,
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}

impl PostV2 {
    fn place(&self) -> Cursor {
        Cursor {
            created_at: self.created_at,
            id: self.id.0,
        }
    }
}

async fn rows(reader: &Reader, page: PageRequest) -> Result<Vec<Row>, sqlx::Error> {
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

/// List published posts with their authors, newest first (beta)
#[utoipa::path(get, path = "/api/v2/posts", tag = "beta", security(("bearer" = [])),
    params(PageParameters), responses((status = 200, body = Page<PostV2>)))]
pub async fn list(
    State(state): State<AppState>,
    _beta: Beta,
    page: PageRequest,
) -> Result<Json<Page<PostV2>>, ApiError> {
    let rows = rows(&state.database.read()?, page).await?;
    let posts = rows.into_iter().map(PostV2::from).collect();
    Ok(Json(Page::new(posts, page, PostV2::place)))
}

/// Read a post with its author (beta)
#[utoipa::path(get, path = "/api/v2/posts/{id}", tag = "beta", security(("bearer" = [])),
    params(("id" = PostId, Path), ("if-none-match" = Option<String>, Header)),
    responses((status = 200, body = PostV2), (status = 304, description = "The client has it")))]
pub async fn show(
    State(state): State<AppState>,
    Beta(caller): Beta,
    Key(id): Key<PostId>,
    conditions: Conditions,
) -> Result<Response, ApiError> {
    let reader = state.database.read()?;
    let row: Option<Row> = each_engine!(reader, pool => sqlx::query_as(ONE)
        .bind(id)
        .bind(caller.id)
        .fetch_optional(pool)
        .await)?;
    let post = row.map(PostV2::from).ok_or_else(|| no_such_post(id))?;
    conditions.answer(&post, Caching::Revalidate)
}
