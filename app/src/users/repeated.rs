//! A sign-up that is asked for again: its key belongs to the account that it made. What was asked holds a password, so it is kept
//! as passwords are, and whoever asks again is slowed as whoever logs in.

use std::time::Instant;

use super::routes::email_taken;
use super::{Credentials, Email};
use crate::auth::{Checked, Password, too_many_attempts};
use crate::http::{ApiError, AppState};
use crate::idempotency::{self, Once};
use crate::rate_limit::Asking;

/// The key, known by a fingerprint from which nobody guesses a password.
pub async fn hidden(state: &AppState, once: &Once) -> Result<Once, ApiError> {
    let hash = match once.fingerprint() {
        Some(asked) => {
            state
                .passwords
                .hash(Password::attempt(asked.into()))
                .await?
        }
        None => String::new(),
    };
    Ok(once.known_by(hash))
}

/// What is said about an address that has an account already: what was answered when it was made, to whoever made it.
pub async fn answer(
    state: &AppState,
    asking: &Asking,
    email: &Email,
    once: &Once,
) -> Result<ApiError, ApiError> {
    // Of the primary: the account may be a moment old.
    let found = Credentials::find(&state.database.read()?, email).await?;
    let (Some(found), Some(asked)) = (found, once.fingerprint()) else {
        return Ok(email_taken());
    };
    let kept = idempotency::answered(&state.database.read()?, found.id, once).await?;
    let Some((hash, answer)) = kept else {
        return Ok(email_taken());
    };
    let (now, address) = (Instant::now(), asking.name());
    let slowed = state.address_throttle.may_try(&address, now);
    slowed.map_err(too_many_attempts)?;
    let slowed = state.throttle.attempt(email.as_str(), now);
    slowed.map_err(too_many_attempts)?;
    let attempt = Password::attempt(asked.into());
    if state.passwords.check(attempt, Some(hash)).await? == Checked::Wrong {
        state.address_throttle.failed(&address, now);
        return Ok(idempotency::reused());
    }
    state.throttle.succeeded(email.as_str());
    Ok(ApiError::AnsweredBefore(Box::new(answer)))
}
