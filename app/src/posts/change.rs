//! Changing, publishing and deleting posts: the author's; deleting a published one is a moderator's as well.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;

use super::{Content, Post, Title, no_such_post};
use crate::auth::{Caller, Permission, refused};
use crate::cache::Subject;
use crate::database::{PostId, Work};
use crate::events::Kind;
use crate::http::{ApiError, AppState, Body, Caching, Conditions, Key};

/// What is left out stays.
#[derive(Deserialize, ToSchema)]
#[schema(as = PostChange)]
pub struct Change {
    #[schema(min_length = 1, max_length = 500)]
    title: Option<String>,
    #[schema(min_length = 1)]
    content: Option<String>,
}

impl Change {
    fn apply(self, post: &mut Post) -> Result<(), ApiError> {
        if let Some(title) = self.title {
            post.title = Title::parse(title)?.as_str().to_owned();
        }
        if let Some(content) = self.content {
            post.content = Content::parse(content)?.as_str().to_owned();
        }
        Ok(())
    }
}

/// Change a post
///
/// With `If-Match` only if nobody changed it since it was read.
#[utoipa::path(patch, path = "/api/posts/{id}", tag = "posts", security(("bearer" = [])),
    params(("id" = PostId, Path), ("if-match" = Option<String>, Header)), request_body = Change,
    responses((status = 200, body = Post)))]
pub async fn change(
    State(state): State<AppState>,
    caller: Caller,
    Key(id): Key<PostId>,
    conditions: Conditions,
    Body(change): Body<Change>,
) -> Result<Response, ApiError> {
    edit(&state, &caller, id, &conditions, |post| change.apply(post)).await
}

/// Publish a draft
#[utoipa::path(post, path = "/api/posts/{id}/publish", tag = "posts", security(("bearer" = [])),
    params(("id" = PostId, Path), ("if-match" = Option<String>, Header)),
    responses((status = 200, body = Post)))]
pub async fn publish(
    State(state): State<AppState>,
    caller: Caller,
    Key(id): Key<PostId>,
    conditions: Conditions,
) -> Result<Response, ApiError> {
    let publish = |post: &mut Post| {
        post.published = true;
        Ok(())
    };
    edit(&state, &caller, id, &conditions, publish).await
}

/// Delete a post with its comments
#[utoipa::path(delete, path = "/api/posts/{id}", tag = "posts", security(("bearer" = [])),
    params(("id" = PostId, Path), ("if-match" = Option<String>, Header)),
    responses((status = 204)))]
pub async fn delete(
    State(state): State<AppState>,
    caller: Caller,
    Key(id): Key<PostId>,
    conditions: Conditions,
) -> Result<Response, ApiError> {
    let writer = state.database.write()?;
    let mut work = Work::begin(&writer, caller.actor()).await?;
    let post = Post::find_in(&mut work, id, caller.id).await?;
    let post = post.ok_or_else(|| no_such_post(id))?;
    if post.user_id != caller.id && !caller.has(Permission::Moderate) {
        return Err(refused("You don't have permission to delete this post"));
    }
    conditions.check(&post)?;
    Post::delete(&mut work, id).await?;
    let detail = json!({"user_id": post.user_id});
    let told = state
        .outbox
        .tell(&mut work, Kind::PostDeleted, id.0, Some(detail));
    told.await?;
    state.cache.commit(work, &[Subject::Post(id)]).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

async fn edit(
    state: &AppState,
    caller: &Caller,
    id: PostId,
    conditions: &Conditions,
    apply: impl FnOnce(&mut Post) -> Result<(), ApiError>,
) -> Result<Response, ApiError> {
    let writer = state.database.write()?;
    let mut work = Work::begin(&writer, caller.actor()).await?;
    let find = || no_such_post(id);
    let mut post = Post::find_in(&mut work, id, caller.id)
        .await?
        .ok_or_else(find)?;
    if post.user_id != caller.id {
        return Err(refused("You don't have permission to change this post"));
    }
    conditions.check(&post)?;
    let before = (post.title.clone(), post.content.clone(), post.published);
    apply(&mut post)?;
    // What changes nothing is no edit, and does not move the time of the last one.
    if before != (post.title.clone(), post.content.clone(), post.published) {
        post.save(&mut work).await?;
        post = Post::find_in(&mut work, id, caller.id)
            .await?
            .ok_or_else(find)?;
        let kind = match (before.2, post.published) {
            (false, true) => Kind::PostPublished,
            _ => Kind::PostChanged,
        };
        state.outbox.tell(&mut work, kind, id.0, None).await?;
    }
    state.cache.commit(work, &[Subject::Post(id)]).await?;
    Conditions::default().answer(&post, Caching::Revalidate)
}
