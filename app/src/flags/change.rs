//! Changing a flag: the row and its trace in one transaction, in force in this process at once and in the others within a minute.

use axum::extract::State;
use serde::Deserialize;
use utoipa::ToSchema;

use super::{Flag, FlagName, Share, Standing, queries};
use crate::auth::Administrator;
use crate::database::Timestamp;
use crate::http::{ApiError, AppState, Conditions};
use crate::idempotency::{Answer, IdempotencyKey, Write};

#[derive(Deserialize, ToSchema)]
pub struct Setting {
    enabled: bool,
    /// Percent of the users; everybody when left out.
    #[schema(minimum = 0, maximum = 100)]
    share: Option<i64>,
}

/// Set a feature flag
///
/// With `If-Match` only if nobody changed it since it was read. A `FEATURE_*` variable of the environment still wins; the
/// answer then says so.
#[utoipa::path(put, path = "/api/admin/flags/{name}", tag = "admin", security(("bearer" = [])),
    params(("name" = FlagName, Path), ("if-match" = Option<String>, Header), IdempotencyKey), request_body = Setting,
    responses((status = 200, body = Standing)))]
pub async fn put(
    State(state): State<AppState>,
    Administrator(caller): Administrator,
    name: FlagName,
    conditions: Conditions,
    Write(once, setting): Write<Setting>,
) -> Result<Answer, ApiError> {
    let share = setting.share.map(Share::parse).transpose()?;
    let writer = state.database.write()?;
    let mut work = once.begin(&writer, caller.actor()).await?;
    let old = queries::find_in(&mut work, name.as_str()).await?;
    if let Some(flag) = &old {
        // Another process may have set it since this one read the flags.
        state.flags.take_over(flag.clone());
    }
    conditions.check(&state.flags.standing(name.clone()))?;
    let flag = Flag {
        name: name.clone(),
        enabled: setting.enabled,
        share: share.unwrap_or(Share::EVERYBODY),
        updated_at: Timestamp::now(),
        updated_by: Some(caller.id),
    };
    queries::put(&mut work, &flag).await?;
    queries::leave_trace(&mut work, &caller, old.as_ref(), &flag).await?;
    let answer = Answer::of(&state.flags.standing_with(&flag))?;
    let answer = work.end(&state.cache, &[], answer).await?;
    tracing::info!(flag = name.as_str(), "a feature flag was set");
    state.flags.take_over(flag);
    Ok(answer)
}
