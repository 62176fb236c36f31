//! `POST /auth/login`. An unknown account and a wrong password get the same answer after the same work, and guessing either is
//! slowed alike.

use std::time::Instant;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;
use utoipa::ToSchema;

use super::answer::{Session, session_answer, too_many_attempts};
use super::password::Checked;
use super::tokens::Bearer;
use super::{Password, sessions};
use crate::cache::Subject;
use crate::database::{Actor, UserId, Work};
use crate::http::{ApiError, AppState, Body, record_user};
use crate::rate_limit::Asking;
use crate::users::{Credentials, Email};

/// Characters of a name that tell it apart; no address has more.
const LONGEST_NAME: usize = 255;

#[derive(Deserialize, ToSchema)]
pub struct LogIn {
    #[schema(example = "user@example.com")]
    email: String,
    #[schema(format = Password)]
    password: String,
}

/// Log in
#[utoipa::path(post, path = "/auth/login", tag = "auth", request_body = LogIn,
    responses((status = 200, body = Session)))]
pub async fn log_in(
    State(state): State<AppState>,
    asking: Asking,
    Body(attempt): Body<LogIn>,
) -> Result<Response, ApiError> {
    let password = Password::attempt(attempt.password);
    // Folded as an address is, so that no spelling of it is another name; what cannot be one is counted as well.
    let name: String = attempt.email.trim().to_lowercase();
    let name: String = name.chars().take(LONGEST_NAME).collect();
    let email = Email::parse(attempt.email);
    let (now, address) = (Instant::now(), asking.name());
    let slowed = state.address_throttle.may_try(&address, now);
    slowed.map_err(too_many_attempts)?;
    let slowed = state.throttle.attempt(&name, now);
    slowed.map_err(too_many_attempts)?;
    let credentials = match &email {
        Ok(email) => Credentials::find(&state.database.read()?, email).await?,
        // What cannot be an address belongs to no account; the work that follows is done all the same.
        Err(_) => None,
    };
    let (id, stored) = credentials
        .map(|found| (found.id, found.password_hash))
        .unzip();
    let checked = state.passwords.check(password.clone(), stored).await?;
    let Some(id) = id.filter(|_| checked != Checked::Wrong) else {
        state.address_throttle.failed(&address, Instant::now());
        tracing::warn!("a log-in was refused");
        return Err(ApiError::refused(
            StatusCode::UNAUTHORIZED,
            "invalid_credentials",
            "Email or password is wrong",
        ));
    };
    state.throttle.succeeded(&name);
    record_user(id);
    let answer = begin(&state, id).await?;
    if checked == Checked::Outdated {
        strengthen(&state, id, password).await;
    }
    tracing::info!("a user logged in");
    Ok(answer)
}

/// While nothing can be written there is no session to go on with: the token ends with its time.
async fn begin(state: &AppState, user: UserId) -> Result<Response, ApiError> {
    let Ok(writer) = state.database.write() else {
        let bearer = Bearer {
            user,
            session: None,
        };
        return session_answer(state, bearer, None);
    };
    let actor = Actor {
        user: Some(user),
        request_id: None,
    };
    let mut work = Work::begin(&writer, actor).await?;
    let granted = sessions::begin(&mut work, user).await?;
    work.commit().await?;
    let bearer = Bearer {
        user,
        session: Some(granted.session),
    };
    session_answer(state, bearer, Some(granted.refresh_token))
}

/// The only moment at which the password is known. That it fails is no reason to refuse a log-in.
async fn strengthen(state: &AppState, user: UserId, password: Password) {
    let strengthened = async {
        let hash = state.passwords.hash(password).await?;
        let writer = state.database.write()?;
        Credentials::replace_hash(&writer, user, &hash).await?;
        state.cache.changed(&[Subject::Profile(user)]).await;
        Ok::<_, ApiError>(())
    };
    if let Err(error) = strengthened.await {
        let error = error.to_string();
        tracing::warn!(error, "a password's hash keeps its older parameters");
    }
}
