//! After log-in: `POST /auth/refresh`, `POST /auth/logout`, `POST /api/users/{id}/password`.

use std::time::Instant;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;
use utoipa::ToSchema;

use super::answer::{Session, session_answer, too_many_attempts};
use super::password::Checked;
use super::permission::refused;
use super::sessions::{self, Refreshed};
use super::tokens::Bearer;
use super::{Caller, Password};
use crate::cache::Subject;
use crate::database::{Actor, UserId, Work};
use crate::events::Kind;
use crate::http::{ApiError, AppState, Body, Key, record_user};
use crate::users::Credentials;

#[derive(Deserialize, ToSchema)]
pub struct Refresh {
    refresh_token: String,
}

/// Go on with a session
///
/// A refresh token is good for one use. One that is used again ends its session: somebody else has it.
#[utoipa::path(post, path = "/auth/refresh", tag = "auth", request_body = Refresh,
    responses((status = 200, body = Session)))]
pub async fn refresh(
    State(state): State<AppState>,
    Body(body): Body<Refresh>,
) -> Result<Response, ApiError> {
    let writer = state.database.write()?;
    let mut work = Work::begin(&writer, Actor::default()).await?;
    let refreshed = sessions::refresh(&mut work, &body.refresh_token).await?;
    let ended = match &refreshed {
        Refreshed::Reused(user) => vec![Subject::Access(*user)],
        Refreshed::Granted(_) | Refreshed::Refused => Vec::new(),
    };
    state.cache.commit(work, &ended).await?;
    match refreshed {
        Refreshed::Granted(granted) => {
            record_user(granted.user);
            let bearer = Bearer {
                user: granted.user,
                session: Some(granted.session),
            };
            session_answer(&state, bearer, Some(granted.refresh_token))
        }
        Refreshed::Reused(user) => {
            record_user(user);
            tracing::warn!("a refresh token was used twice; its session is over");
            Err(no_refresh())
        }
        Refreshed::Refused => Err(no_refresh()),
    }
}

fn no_refresh() -> ApiError {
    ApiError::refused(
        StatusCode::UNAUTHORIZED,
        "invalid_refresh_token",
        "The refresh token is unknown, used or expired; log in again",
    )
}

/// Log out
///
/// Ends the session of the token, its refresh tokens and every access token that was given in it.
#[utoipa::path(post, path = "/auth/logout", tag = "auth", security(("bearer" = [])),
    responses((status = 204)))]
pub async fn log_out(
    State(state): State<AppState>,
    caller: Caller,
) -> Result<StatusCode, ApiError> {
    let writer = state.database.write()?;
    let mut work = Work::begin(&writer, caller.actor()).await?;
    if let Some(session) = caller.session {
        sessions::end(&mut work, session).await?;
    }
    let ended: Vec<Subject> = caller.session.map(Subject::Session).into_iter().collect();
    state.cache.commit(work, &ended).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize, ToSchema)]
pub struct ChangePassword {
    #[schema(format = Password)]
    current_password: String,
    /// 8 to 128 characters.
    #[schema(format = Password, min_length = 8, max_length = 128)]
    new_password: String,
}

/// Change one's password
///
/// Ends every session of the user, this one too.
#[utoipa::path(post, path = "/api/users/{id}/password", tag = "users", security(("bearer" = [])),
    params(("id" = UserId, Path)), request_body = ChangePassword, responses((status = 204)))]
pub async fn change_password(
    State(state): State<AppState>,
    caller: Caller,
    Key(user): Key<UserId>,
    Body(body): Body<ChangePassword>,
) -> Result<StatusCode, ApiError> {
    if caller.id != user {
        return Err(refused("You don't have permission to change this user"));
    }
    drop(state.database.write()?);
    let new = Password::parse(body.new_password)?;
    let name = user.to_string();
    let throttle = &state.throttle;
    throttle
        .attempt(&name, Instant::now())
        .map_err(too_many_attempts)?;
    let stored = Credentials::hash_of(&state.database.read()?, user).await?;
    let current = Password::attempt(body.current_password);
    if state.passwords.check(current, stored).await? == Checked::Wrong {
        return Err(ApiError::refused(
            StatusCode::UNPROCESSABLE_ENTITY,
            "wrong_password",
            "The current password is not this one",
        ));
    }
    throttle.succeeded(&name);
    let hash = state.passwords.hash(new).await?;
    let writer = state.database.write()?;
    let mut work = Work::begin(&writer, caller.actor()).await?;
    Credentials::replace_hash_in(&mut work, user, &hash).await?;
    sessions::end_all(&mut work, user).await?;
    let told = state
        .outbox
        .tell(&mut work, Kind::PasswordChanged, user.0, None);
    told.await?;
    // The time of the last change is part of a profile.
    let changed = [Subject::Access(user), Subject::Profile(user)];
    state.cache.commit(work, &changed).await?;
    tracing::info!("a password was changed");
    Ok(StatusCode::NO_CONTENT)
}
