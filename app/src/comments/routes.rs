//! `POST` and `GET /api/posts/{id}/comments`.

use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::get;
use axum::{Json, Router};
use serde::Deserialize;

use super::Comment;
use super::queries::NotWritten;
use crate::auth::Caller;
use crate::database::PostId;
use crate::http::{ApiError, AppState, Body, Key, Page, PageRequest};
use crate::posts::{Content, Post, no_such_post};

pub fn routes() -> Router<AppState> {
    Router::new().route("/api/posts/{id}/comments", get(list).post(create))
}

#[derive(Deserialize)]
struct Draft {
    content: String,
}

async fn create(
    State(state): State<AppState>,
    caller: Caller,
    Key(post): Key<PostId>,
    Body(draft): Body<Draft>,
) -> Result<(StatusCode, Json<Comment>), ApiError> {
    let content = Content::parse(draft.content)?;
    let writer = state.database.write()?;
    match Comment::create(&writer, post, caller.id, &content).await? {
        Ok(comment) => Ok((StatusCode::CREATED, Json(comment))),
        Err(NotWritten::NoSuchPost) => Err(no_such_post(post)),
        Err(NotWritten::NoSuchAuthor) => Err(ApiError::InvalidToken),
    }
}

async fn list(
    State(state): State<AppState>,
    caller: Caller,
    Key(post): Key<PostId>,
    page: PageRequest,
) -> Result<Json<Page<Comment>>, ApiError> {
    let reader = state.database.read()?;
    Post::find(&reader, post, caller.id)
        .await?
        .ok_or_else(|| no_such_post(post))?;
    let comments = Comment::list(&reader, post, page).await?;
    Ok(Json(Page::new(comments, page, Comment::place)))
}
