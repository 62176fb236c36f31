//! `POST /api/posts`, `GET /api/posts` and `GET /api/posts/{id}`.

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde::Deserialize;

use super::queries::NewPost;
use super::{Content, Post, Title};
use crate::auth::Caller;
use crate::database::PostId;
use crate::http::{ApiError, AppState, Body, Key, Page, PageRequest};

pub fn routes() -> Router<AppState> {
    Router::new()
        .route("/api/posts", get(list).post(create))
        .route("/api/posts/{id}", get(show))
}

#[derive(Deserialize)]
struct Draft {
    title: String,
    content: String,
    #[serde(default)]
    published: bool,
}

async fn create(
    State(state): State<AppState>,
    caller: Caller,
    Body(draft): Body<Draft>,
) -> Result<Response, ApiError> {
    let new = NewPost {
        author: caller.id,
        title: Title::parse(draft.title)?,
        content: Content::parse(draft.content)?,
        published: draft.published,
    };
    let created = Post::create(&state.database.write()?, &new).await?;
    // The token outlived its user.
    let post = created.ok_or(ApiError::InvalidToken)?;
    tracing::info!("a post was created");
    let location = [(header::LOCATION, format!("/api/posts/{}", post.id))];
    Ok((StatusCode::CREATED, location, Json(post)).into_response())
}

async fn show(
    State(state): State<AppState>,
    caller: Caller,
    Key(id): Key<PostId>,
) -> Result<Json<Post>, ApiError> {
    let post = Post::find(&state.database.read()?, id, caller.id).await?;
    post.map(Json).ok_or_else(|| no_such_post(id))
}

async fn list(
    State(state): State<AppState>,
    _caller: Caller,
    page: PageRequest,
) -> Result<Json<Page<Post>>, ApiError> {
    let posts = Post::list(&state.database.read()?, page).await?;
    Ok(Json(Page::new(posts, page, Post::place)))
}

/// Said of a post that is not there, and of one that the caller may not see.
pub fn no_such_post(id: PostId) -> ApiError {
    let message = format!("Post with id {id} does not exist");
    ApiError::refused(StatusCode::NOT_FOUND, "post_not_found", message)
}
