//! Creating, reading and listing posts.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::queries::NewPost;
use super::{Content, Post, Title, change, search};
use crate::auth::Caller;
use crate::cache::{Audience, Entry, Subject};
use crate::database::{PostId, UserId};
use crate::events::Kind;
use crate::http::{
    ApiError, AppState, Caching, Conditions, Key, LastSeen, Page, PageParameters, PageRequest,
};
use crate::idempotency::{Answer, IdempotencyKey, Write};

pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(search::search))
        .routes(routes!(show, change::change, change::delete))
        .routes(routes!(change::publish))
        .routes(routes!(list_of))
}

#[derive(Deserialize, ToSchema)]
struct Draft {
    #[schema(min_length = 1, max_length = 500)]
    title: String,
    #[schema(min_length = 1)]
    content: String,
    /// Left out: a draft, which its author alone can see.
    #[serde(default)]
    published: bool,
}

/// Write a post
#[utoipa::path(post, path = "/api/posts", tag = "posts", security(("bearer" = [])),
    params(IdempotencyKey), request_body = Draft,
    responses((status = 201, body = Post)))]
async fn create(
    State(state): State<AppState>,
    caller: Caller,
    Write(once, draft): Write<Draft>,
) -> Result<Answer, ApiError> {
    let writer = state.database.write()?;
    let mut work = once.begin(&writer, caller.actor()).await?;
    let new = NewPost {
        author: caller.id,
        title: Title::parse(draft.title)?,
        content: Content::parse(draft.content)?,
        published: draft.published,
    };
    let created = Post::create(&mut work, &new).await?;
    // The token outlived its user.
    let post = created.ok_or(ApiError::InvalidToken)?;
    let detail = json!({"published": post.published});
    let told = state
        .outbox
        .tell(&mut work, Kind::PostCreated, post.id.0, Some(detail));
    told.await?;
    let answer = Answer::created(Some(format!("/api/posts/{}", post.id)), &post)?;
    let answer = work.end(&state.cache, &[], answer).await?;
    tracing::info!("a post was created");
    Ok(answer)
}

/// Read a post
#[utoipa::path(get, path = "/api/posts/{id}", tag = "posts", security(("bearer" = [])),
    params(("id" = PostId, Path), ("if-none-match" = Option<String>, Header)),
    responses((status = 200, body = Post), (status = 304, description = "The client has it")))]
async fn show(
    State(state): State<AppState>,
    caller: Caller,
    Key(id): Key<PostId>,
    conditions: Conditions,
) -> Result<Response, ApiError> {
    let load = || async {
        let post = Post::find_any(&state.database.read()?, id).await?;
        Ok(post.as_ref().map(entry).transpose()?.map(Arc::new))
    };
    let post = state.cache.find(Subject::Post(id), load).await?;
    let post = post.filter(|post| post.is_for(caller.id));
    let post = post.ok_or_else(|| super::no_such_post(id))?;
    Ok(conditions.answer_encoded(&post.answer, Caching::Revalidate))
}

fn entry(post: &Post) -> Result<Entry, ApiError> {
    let audience = match post.published {
        true => Audience::Everybody,
        false => Audience::Owner,
    };
    Entry::new(post.user_id, audience, post)
}

/// List published posts, newest first
#[utoipa::path(get, path = "/api/posts", tag = "posts", security(("bearer" = [])),
    params(PageParameters), responses((status = 200, body = Page<Post>)))]
async fn list(
    State(state): State<AppState>,
    _caller: Caller,
    LastSeen(seen): LastSeen,
    page: PageRequest,
) -> Result<Json<Page<Post>>, ApiError> {
    let posts = Post::list(&state.database.read_after(seen)?, page).await?;
    Ok(Json(Page::new(posts, page, Post::place)))
}

/// List an author's posts, newest first
///
/// Drafts are among them for the author only.
#[utoipa::path(get, path = "/api/users/{id}/posts", tag = "posts", security(("bearer" = [])),
    params(("id" = UserId, Path), PageParameters), responses((status = 200, body = Page<Post>)))]
async fn list_of(
    State(state): State<AppState>,
    caller: Caller,
    Key(author): Key<UserId>,
    LastSeen(seen): LastSeen,
    page: PageRequest,
) -> Result<Json<Page<Post>>, ApiError> {
    let posts = Post::list_of(&state.database.read_after(seen)?, author, caller.id, page).await?;
    Ok(Json(Page::new(posts, page, Post::place)))
}
