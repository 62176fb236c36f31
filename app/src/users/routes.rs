//! `POST /api/users` and `GET /api/users/{id}`.

use axum::extract::{DefaultBodyLimit, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Deserialize;

use super::queries::NewUser;
use super::{Email, PersonName, User};
use crate::auth::{Caller, Password};
use crate::database::UserId;
use crate::http::{ApiError, AppState, Body, Key};

const BODY_LIMIT: usize = 16 * 1024;

pub fn routes() -> Router<AppState> {
    Router::new()
        .route(
            "/api/users",
            post(sign_up).layer(DefaultBodyLimit::max(BODY_LIMIT)),
        )
        .route("/api/users/{id}", get(show))
}

#[derive(Deserialize)]
struct SignUp {
    email: String,
    password: String,
    first_name: Option<String>,
    last_name: Option<String>,
}

async fn sign_up(
    State(state): State<AppState>,
    Body(body): Body<SignUp>,
) -> Result<Response, ApiError> {
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
    let new = NewUser {
        email,
        password_hash,
        first_name,
        last_name,
    };
    let user = User::create(&state.database.write()?, &new)
        .await?
        .ok_or_else(|| {
            ApiError::refused(
                StatusCode::CONFLICT,
                "email_taken",
                "This email is already registered",
            )
        })?;
    let location = [(header::LOCATION, format!("/api/users/{}", user.id))];
    Ok((StatusCode::CREATED, location, Json(user)).into_response())
}

async fn show(
    State(state): State<AppState>,
    caller: Caller,
    Key(id): Key<UserId>,
) -> Result<Json<User>, ApiError> {
    caller.may_view(id)?;
    let user = User::find(&state.database.read()?, id).await?;
    user.map(Json).ok_or_else(|| {
        let message = format!("User with id {id} does not exist");
        ApiError::refused(StatusCode::NOT_FOUND, "user_not_found", message)
    })
}
