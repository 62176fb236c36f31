//! Changing, publishing and deleting posts: the author's; deleting a published one is a moderator's as well.

use axum::extract::State;
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;

use super::{Content, Post, Title, no_such_post};
use crate::auth::{Caller, Permission, refused};
use crate::cache::Subject;
use crate::database::PostId;
use crate::events::Kind;
use crate::http::{ApiError, AppState, Conditions, Key};
use crate::idempotency::{Answer, IdempotencyKey, Once, Write};

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
    params(("id" = PostId, Path), ("if-match" = Option<String>, Header), IdempotencyKey), request_body = Change,
    responses((status = 200, body = Post)))]
pub async fn change(
    State(state): State<AppState>,
    caller: Caller,
    Key(id): Key<PostId>,
    conditions: Conditions,
    Write(once, change): Write<Change>,
) -> Result<Answer, ApiError> {
    let asked = Asked {
        caller: &caller,
        id,
        conditions: &conditions,
        once,
    };
    edit(&state, asked, |post| change.apply(post)).await
}

/// Publish a draft
#[utoipa::path(post, path = "/api/posts/{id}/publish", tag = "posts", security(("bearer" = [])),
    params(("id" = PostId, Path), ("if-match" = Option<String>, Header), IdempotencyKey),
    responses((status = 200, body = Post)))]
pub async fn publish(
    State(state): State<AppState>,
    caller: Caller,
    Key(id): Key<PostId>,
    conditions: Conditions,
    once: Once,
) -> Result<Answer, ApiError> {
    let publish = |post: &mut Post| {
        post.published = true;
        Ok(())
    };
    let asked = Asked {
        caller: &caller,
        id,
        conditions: &conditions,
        once,
    };
    edit(&state, asked, publish).await
}

/// Delete a post with its comments
#[utoipa::path(delete, path = "/api/posts/{id}", tag = "posts", security(("bearer" = [])),
    params(("id" = PostId, Path), ("if-match" = Option<String>, Header), IdempotencyKey),
    responses((status = 204)))]
pub async fn delete(
    State(state): State<AppState>,
    caller: Caller,
    Key(id): Key<PostId>,
    conditions: Conditions,
    once: Once,
) -> Result<Answer, ApiError> {
    let writer = state.database.write()?;
    let mut work = once.begin(&writer, caller.actor()).await?;
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
    let changed = [Subject::Post(id)];
    work.end(&state.cache, &changed, Answer::nothing()).await
}

/// Who asks for which post to be changed, under which conditions.
struct Asked<'a> {
    caller: &'a Caller,
    id: PostId,
    conditions: &'a Conditions,
    once: Once,
}

async fn edit(
    state: &AppState,
    asked: Asked<'_>,
    apply: impl FnOnce(&mut Post) -> Result<(), ApiError>,
) -> Result<Answer, ApiError> {
    let (caller, id) = (asked.caller, asked.id);
    let writer = state.database.write()?;
    let mut work = asked.once.begin(&writer, caller.actor()).await?;
    let find = || no_such_post(id);
    let mut post = Post::find_in(&mut work, id, caller.id)
        .await?
        .ok_or_else(find)?;
    if post.user_id != caller.id {
        return Err(refused("You don't have permission to change this post"));
    }
    asked.conditions.check(&post)?;
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
    let answer = Answer::of(&post)?;
    work.end(&state.cache, &[Subject::Post(id)], answer).await
}
