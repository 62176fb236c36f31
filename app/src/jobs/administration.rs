//! The queue for administrators: `GET /api/admin/jobs`, and `POST` to try again what was given up.

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::auth::Administrator;
use crate::database::{JobId, Reader, Timestamp, each_engine, in_work};
use crate::http::{ApiError, AppState, Cursor, Key, Page, PageParameters, PageRequest};
use crate::idempotency::{Answer, IdempotencyKey, Once};

const LIST: &str = "SELECT id, kind, scheduled_at, state, attempts, due_at, last_error, ended_at FROM jobs \
    ORDER BY scheduled_at DESC, id DESC LIMIT $1";
const LIST_AFTER: &str = "SELECT id, kind, scheduled_at, state, attempts, due_at, last_error, ended_at FROM jobs \
    WHERE (scheduled_at, id) < ($2, $3) ORDER BY scheduled_at DESC, id DESC LIMIT $1";
const RETRY: &str = "UPDATE jobs SET state = 'pending', attempts = 0, due_at = $1, lease_id = NULL, ended_at = NULL \
    WHERE state = 'dead' AND id = $2";

pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(retry))
}

/// What is done by the clock, once a due time.
#[derive(Debug, Serialize, sqlx::FromRow, ToSchema)]
struct ScheduledJob {
    id: JobId,
    kind: String,
    /// When it was due.
    scheduled_at: Timestamp,
    /// `pending`, `done`, or `dead`: given up.
    state: String,
    attempts: i32,
    /// While it is pending: when it is tried next, unless somebody is at it.
    due_at: Timestamp,
    last_error: Option<String>,
    ended_at: Option<Timestamp>,
}

#[derive(Serialize, ToSchema)]
struct Retried {
    /// How many are tried again.
    retried: i64,
}

/// List jobs, those due last first
#[utoipa::path(get, path = "/api/admin/jobs", tag = "admin", security(("bearer" = [])),
    params(PageParameters), responses((status = 200, body = Page<ScheduledJob>)))]
async fn list(
    State(state): State<AppState>,
    _administrator: Administrator,
    page: PageRequest,
) -> Result<Json<Page<ScheduledJob>>, ApiError> {
    let jobs = find(&state.database.read()?, page).await?;
    let place = |job: &ScheduledJob| Cursor {
        created_at: job.scheduled_at,
        id: job.id.0,
    };
    Ok(Json(Page::new(jobs, page, place)))
}

/// Try a job that was given up again
///
/// Nothing happens to one that was not given up.
#[utoipa::path(post, path = "/api/admin/jobs/{id}", tag = "admin", security(("bearer" = [])),
    params(("id" = JobId, Path), IdempotencyKey), responses((status = 200, body = Retried)))]
async fn retry(
    State(state): State<AppState>,
    Administrator(caller): Administrator,
    Key(id): Key<JobId>,
    once: Once,
) -> Result<Answer, ApiError> {
    let writer = state.database.write()?;
    let mut work = once.begin(&writer, caller.actor()).await?;
    let rows = in_work!(work, connection => sqlx::query(RETRY)
        .bind(Timestamp::now())
        .bind(id)
        .execute(connection)
        .await
        .map(|done| done.rows_affected()))?;
    let retried = i64::try_from(rows).unwrap_or(i64::MAX);
    let answer = Answer::of(&Retried { retried })?;
    let answer = work.end(&state.cache, &[], answer).await?;
    tracing::info!(job = %id, rows, "a job that was given up is tried again");
    Ok(answer)
}

async fn find(reader: &Reader, page: PageRequest) -> Result<Vec<ScheduledJob>, sqlx::Error> {
    let rows = page.rows_to_read();
    let Some(after) = page.after else {
        return each_engine!(reader, pool => sqlx::query_as(LIST).bind(rows).fetch_all(pool).await);
    };
    each_engine!(reader, pool => sqlx::query_as(LIST_AFTER)
        .bind(rows)
        .bind(after.created_at)
        .bind(JobId(after.id))
        .fetch_all(pool)
        .await)
}
