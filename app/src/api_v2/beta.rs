//! The door: a caller for whom the beta is open. Where it is closed to everybody, nobody is asked who they are.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;

use crate::auth::Caller;
use crate::flags::BETA_API_V2;
use crate::http::{ApiError, AppState, no_such_route};

/// A caller who was drawn.
#[derive(Debug)]
pub struct Beta(pub Caller);

impl FromRequestParts<AppState> for Beta {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
        if !state.flags.is_on_for_somebody(BETA_API_V2) {
            return Err(no_such_route().await);
        }
        let caller = Caller::from_request_parts(parts, state).await?;
        match state.flags.is_on(BETA_API_V2, Some(caller.id)) {
            true => Ok(Self(caller)),
            false => Err(no_such_route().await),
        }
    }
}
