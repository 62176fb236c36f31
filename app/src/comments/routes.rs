//! Writing, listing and deleting comments.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Comment;
use super::queries::NotWritten;
use crate::auth::{Caller, Permission, refused};
use crate::database::{CommentId, PostId, UserId};
use crate::events::Kind;
use crate::http::{ApiError, AppState, Key, LastSeen, Page, PageParameters, PageRequest};
use crate::idempotency::{Answer, IdempotencyKey, Once, Write};
use crate::posts::{Content, Post, no_such_post};

pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(list_of))
        .routes(routes!(delete))
}

#[derive(Deserialize, ToSchema)]
struct NewComment {
    #[schema(min_length = 1)]
    content: String,
}

/// Comment on a post
#[utoipa::path(post, path = "/api/posts/{id}/comments", tag = "comments", security(("bearer" = [])),
    params(("id" = PostId, Path), IdempotencyKey),
    request_body = NewComment, responses((status = 201, body = Comment)))]
async fn create(
    State(state): State<AppState>,
    caller: Caller,
    Key(post): Key<PostId>,
    Write(once, new): Write<NewComment>,
) -> Result<Answer, ApiError> {
    let writer = state.database.write()?;
    let mut work = once.begin(&writer, caller.actor()).await?;
    let content = Content::parse(new.content)?;
    let written = Comment::create(&mut work, post, caller.id, &content).await?;
    let comment = written.map_err(|why| match why {
        NotWritten::NoSuchPost => no_such_post(post),
        NotWritten::NoSuchAuthor => ApiError::InvalidToken,
    })?;
    let detail = json!({"post_id": post});
    let told = state
        .outbox
        .tell(&mut work, Kind::CommentCreated, comment.id.0, Some(detail));
    told.await?;
    let answer = Answer::created(None, &comment)?;
    work.end(&state.cache, &[], answer).await
}

/// List a post's comments, oldest first
#[utoipa::path(get, path = "/api/posts/{id}/comments", tag = "comments", security(("bearer" = [])),
    params(("id" = PostId, Path), PageParameters), responses((status = 200, body = Page<Comment>)))]
async fn list(
    State(state): State<AppState>,
    caller: Caller,
    Key(post): Key<PostId>,
    LastSeen(seen): LastSeen,
    page: PageRequest,
) -> Result<Json<Page<Comment>>, ApiError> {
    let reader = state.database.read_after(seen)?;
    Post::find(&reader, post, caller.id)
        .await?
        .ok_or_else(|| no_such_post(post))?;
    let comments = Comment::list(&reader, post, page).await?;
    Ok(Json(Page::new(comments, page, Comment::place)))
}

/// List somebody's comments, newest first
///
/// Those under posts that the caller can see.
#[utoipa::path(get, path = "/api/users/{id}/comments", tag = "comments", security(("bearer" = [])),
    params(("id" = UserId, Path), PageParameters), responses((status = 200, body = Page<Comment>)))]
async fn list_of(
    State(state): State<AppState>,
    caller: Caller,
    Key(author): Key<UserId>,
    LastSeen(seen): LastSeen,
    page: PageRequest,
) -> Result<Json<Page<Comment>>, ApiError> {
    let comments =
        Comment::list_of(&state.database.read_after(seen)?, author, caller.id, page).await?;
    Ok(Json(Page::new(comments, page, Comment::place)))
}

/// Delete a comment
///
/// Its author's, the author's of the post above it, and a moderator's.
#[utoipa::path(delete, path = "/api/comments/{id}", tag = "comments", security(("bearer" = [])),
    params(("id" = CommentId, Path), IdempotencyKey), responses((status = 204)))]
async fn delete(
    State(state): State<AppState>,
    caller: Caller,
    Key(id): Key<CommentId>,
    once: Once,
) -> Result<Answer, ApiError> {
    let writer = state.database.write()?;
    let mut work = once.begin(&writer, caller.actor()).await?;
    let owners = Comment::owners(&mut work, id, caller.id).await?;
    let owners = owners.ok_or_else(|| no_such_comment(id))?;
    let own = [owners.of_comment, owners.of_post].contains(&caller.id);
    if !own && !caller.has(Permission::Moderate) {
        return Err(refused("You don't have permission to delete this comment"));
    }
    Comment::delete(&mut work, id).await?;
    let detail = json!({"user_id": owners.of_comment});
    let told = state
        .outbox
        .tell(&mut work, Kind::CommentDeleted, id.0, Some(detail));
    told.await?;
    work.end(&state.cache, &[], Answer::nothing()).await
}

fn no_such_comment(id: CommentId) -> ApiError {
    let message = format!("Comment with id {id} does not exist");
    ApiError::refused(StatusCode::NOT_FOUND, "comment_not_found", message)
}
