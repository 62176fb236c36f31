//! `POST /internal/verify`, for the other roles alone: no gateway lets it pass. Not counted against any limit: whoever asks does
//! so for many clients, each of whom was counted.

use axum::extract::State;
use axum::routing::post;
use axum::{Json, Router};

use super::words::{Judgement, Question};
use crate::auth::standing::standing;
use crate::http::{ApiError, AppState, Body};

pub const PLACE: &str = "/internal/verify";

pub fn routes() -> Router<AppState> {
    Router::new().route(PLACE, post(verify))
}

async fn verify(
    State(state): State<AppState>,
    Body(question): Body<Question>,
) -> Result<Json<Judgement>, ApiError> {
    state.database.may_be_read()?;
    let standing = standing(&state, &question.token, None).await?;
    let bearer = standing.bearer;
    let allowed = question.permission.map(|permission| {
        question.user == Some(bearer.user.0) || permission.is_in(&standing.granted)
    });
    Ok(Json(Judgement {
        user: bearer.user.0,
        session: bearer.session.map(|session| session.0),
        granted: standing.granted.to_string(),
        issued_at: standing.issued_at,
        expires_at: standing.expires_at,
        allowed,
    }))
}
