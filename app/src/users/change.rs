//! `PATCH` and `DELETE /api/users/{id}`. What is left out stays; null takes a name away.

use axum::extract::State;
use serde::{Deserialize, Deserializer};
use utoipa::ToSchema;

use super::routes::{email_taken, no_such_user};
use super::{Email, PersonName, User};
use crate::auth::{Manage, Permitted};
use crate::cache::Subject;
use crate::database::UserId;
use crate::events::Kind;
use crate::http::{ApiError, AppState, Conditions};
use crate::idempotency::{Answer, IdempotencyKey, Once, Write};
use crate::posts::Post;

#[derive(Deserialize, ToSchema)]
#[schema(as = ProfileChange)]
pub struct Change {
    #[schema(
        min_length = 3,
        max_length = 254,
        pattern = r"^[^@\s\u0000-\u001f\u007f-\u009f]+@[^@\s\u0000-\u001f\u007f-\u009f]+$"
    )]
    email: Option<String>,
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 100)]
    first_name: Option<Option<String>>,
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 100)]
    last_name: Option<Option<String>>,
}

/// Tells null from nothing at all.
fn present<'de, D: Deserializer<'de>>(value: D) -> Result<Option<Option<String>>, D::Error> {
    Option::deserialize(value).map(Some)
}

impl Change {
    fn apply(self, user: &mut User) -> Result<(), ApiError> {
        if let Some(email) = self.email {
            user.email = Email::parse(email)?.as_str().to_owned();
        }
        if let Some(name) = self.first_name {
            user.first_name = parse("first_name", name)?;
        }
        if let Some(name) = self.last_name {
            user.last_name = parse("last_name", name)?;
        }
        Ok(())
    }
}

fn parse(field: &'static str, name: Option<String>) -> Result<Option<String>, ApiError> {
    let name = name
        .map(|name| PersonName::parse(field, name))
        .transpose()?;
    Ok(name.map(|name| name.as_str().to_owned()))
}

/// Change a profile
///
/// With `If-Match` only if nobody changed it since it was read.
#[utoipa::path(patch, path = "/api/users/{id}", tag = "users", security(("bearer" = [])),
    params(("id" = UserId, Path), ("if-match" = Option<String>, Header), IdempotencyKey), request_body = Change,
    responses((status = 200, body = User)))]
pub async fn change(
    State(state): State<AppState>,
    permitted: Permitted<Manage>,
    conditions: Conditions,
    Write(once, change): Write<Change>,
) -> Result<Answer, ApiError> {
    let id = permitted.user;
    let writer = state.database.write()?;
    let mut work = once.begin(&writer, permitted.caller.actor()).await?;
    let found = User::find_in(&mut work, id).await?;
    let mut user = found.ok_or_else(|| no_such_user(id))?;
    conditions.check(&user)?;
    change.apply(&mut user)?;
    user.save(&mut work).await?.map_err(|_| email_taken())?;
    // The database sets the time of the change itself.
    let saved = User::find_in(&mut work, id).await?;
    let user = saved.ok_or_else(|| no_such_user(id))?;
    let told = state.outbox.tell(&mut work, Kind::UserChanged, id.0, None);
    told.await?;
    let answer = Answer::of(&user)?;
    work.end(&state.cache, &[Subject::Profile(id)], answer)
        .await
}

/// Delete an account
///
/// Its posts and comments go with it, and the comments of others under those posts.
#[utoipa::path(delete, path = "/api/users/{id}", tag = "users", security(("bearer" = [])),
    params(("id" = UserId, Path), ("if-match" = Option<String>, Header), IdempotencyKey),
    responses((status = 204)))]
pub async fn delete(
    State(state): State<AppState>,
    permitted: Permitted<Manage>,
    conditions: Conditions,
    once: Once,
) -> Result<Answer, ApiError> {
    let id = permitted.user;
    let writer = state.database.write()?;
    let mut work = once.begin(&writer, permitted.caller.actor()).await?;
    let found = User::find_in(&mut work, id).await?;
    conditions.check(&found.ok_or_else(|| no_such_user(id))?)?;
    let posts = Post::of_author(&mut work, id).await?;
    User::delete(&mut work, id).await?;
    let told = state.outbox.tell(&mut work, Kind::UserDeleted, id.0, None);
    told.await?;
    let mut gone = vec![Subject::Access(id), Subject::Profile(id)];
    gone.extend(posts.into_iter().map(Subject::Post));
    let answer = work.end(&state.cache, &gone, Answer::nothing()).await?;
    tracing::info!("a user was deleted");
    Ok(answer)
}
