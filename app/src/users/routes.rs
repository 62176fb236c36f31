//! `POST /api/users` and `GET /api/users/{id}`.

use std::sync::Arc;

use axum::Extension;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::queries::NewUser;
use super::{Email, PersonName, User, change, repeated};
use crate::auth::{Password, Permitted, View};
use crate::cache::{Audience, Entry, Subject};
use crate::database::{Actor, UserId};
use crate::events::Kind;
use crate::http::{ApiError, AppState, Caching, Conditions, RequestId};
use crate::idempotency::{Answer, IdempotencyKey, Write};
use crate::rate_limit::Asking;

const BODY_LIMIT: usize = 16 * 1024;

pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(sign_up))
        .routes(routes!(show, change::change, change::delete))
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
}

#[derive(Deserialize, ToSchema)]
struct SignUp {
    /// Shorter than 255 characters; taken whatever its case.
    #[schema(
        example = "user@example.com",
        min_length = 3,
        max_length = 254,
        pattern = r"^[^@\s\u0000-\u001f\u007f-\u009f]+@[^@\s\u0000-\u001f\u007f-\u009f]+$"
    )]
    email: String,
    /// 8 to 128 characters.
    #[schema(format = Password, min_length = 8, max_length = 128)]
    password: String,
    #[schema(min_length = 1, max_length = 100)]
    first_name: Option<String>,
    #[schema(min_length = 1, max_length = 100)]
    last_name: Option<String>,
}

/// Sign up
#[utoipa::path(post, path = "/api/users", tag = "users", params(IdempotencyKey), request_body = SignUp,
    responses((status = 201, body = User)))]
async fn sign_up(
    State(state): State<AppState>,
    Extension(request_id): Extension<RequestId>,
    asking: Asking,
    Write(once, body): Write<SignUp>,
) -> Result<Answer, ApiError> {
    // Said before anything is judged or hashed, and asked for again below: nobody waits for a hash to end a write.
    drop(state.database.write()?);
    let email = Email::parse(body.email)?;
    let password = Password::parse(body.password)?;
    let name = |field, value: Option<String>| {
        value
            .map(|value| PersonName::parse(field, value))
            .transpose()
    };
    let first_name = name("first_name", body.first_name)?;
    let last_name = name("last_name", body.last_name)?;
    let password_hash = state.passwords.hash(password).await?;
    let hidden = repeated::hidden(&state, &once).await?;
    let new = NewUser {
        email,
        password_hash,
        first_name,
        last_name,
    };
    let writer = state.database.write()?;
    let actor = Actor {
        user: None,
        request_id: Some(request_id.0.to_string()),
    };
    let mut work = hidden.begin(&writer, actor).await?;
    let Ok(user) = User::create(&mut work, &new).await? else {
        drop(work);
        drop(writer);
        return Err(repeated::answer(&state, &asking, &new.email, &once).await?);
    };
    work.belongs_to(user.id).await?;
    let told = state
        .outbox
        .tell(&mut work, Kind::UserCreated, user.id.0, None);
    told.await?;
    let answer = Answer::created(Some(format!("/api/users/{}", user.id)), &user)?;
    work.end_for(user.id, answer).await
}

/// See a profile
///
/// One's own; with the permission, anybody's. Everybody else is refused whether the user exists or not.
#[utoipa::path(get, path = "/api/users/{id}", tag = "users", security(("bearer" = [])),
    params(("id" = UserId, Path), ("if-none-match" = Option<String>, Header)),
    responses((status = 200, body = User), (status = 304, description = "The client has it")))]
async fn show(
    State(state): State<AppState>,
    permitted: Permitted<View>,
    conditions: Conditions,
) -> Result<Response, ApiError> {
    let id = permitted.user;
    let load = || async {
        let user = User::find(&state.database.read()?, id).await?;
        let entry = user.map(|user| Entry::new(id, Audience::Owner, &user));
        Ok(entry.transpose()?.map(Arc::new))
    };
    let profile = state.cache.find(Subject::Profile(id), load).await?;
    let profile = profile.ok_or_else(|| no_such_user(id))?;
    Ok(conditions.answer_encoded(&profile.answer, Caching::FiveMinutes))
}

/// Said to the user, who is gone, and to those who may see anybody.
pub fn no_such_user(id: UserId) -> ApiError {
    let message = format!("User with id {id} does not exist");
    ApiError::refused(StatusCode::NOT_FOUND, "user_not_found", message)
}

pub fn email_taken() -> ApiError {
    let message = "This email is already registered";
    ApiError::refused(StatusCode::CONFLICT, "email_taken", message)
}
