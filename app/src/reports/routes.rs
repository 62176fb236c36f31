//! Reports for administrators: the list, one of them, and who is told of new ones.

use axum::Json;
use axum::extract::State;
use axum::response::Response;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{document, queries};
use crate::auth::Administrator;
use crate::database::{Day, ReportId, Timestamp};
use crate::http::{ApiError, AppState, Key};
use crate::idempotency::{Answer, IdempotencyKey, Once};

pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(show))
        .routes(routes!(document::mailed))
        .routes(routes!(subscribe, unsubscribe))
}

#[derive(Serialize, ToSchema)]
struct Report {
    id: ReportId,
    /// The day that it is about.
    day: Day,
    completed_at: Timestamp,
    /// Of the document.
    bytes: i64,
}

#[derive(Serialize, ToSchema)]
struct Reports {
    items: Vec<Report>,
}

/// List the daily reports, newest first
///
/// The last hundred.
#[utoipa::path(get, path = "/api/reports", tag = "admin", security(("bearer" = [])),
    responses((status = 200, body = Reports)))]
async fn list(
    State(state): State<AppState>,
    _administrator: Administrator,
) -> Result<Json<Reports>, ApiError> {
    let rows = queries::list(&state.database.read()?).await?;
    let report = |row: queries::Row| Report {
        id: row.id,
        day: row.day,
        completed_at: row.completed_at,
        bytes: row.bytes,
    };
    let items = rows.into_iter().map(report).collect();
    Ok(Json(Reports { items }))
}

/// Get a daily report
///
/// The document, or where it is for the next minutes.
#[utoipa::path(get, path = "/api/reports/{id}", tag = "admin", security(("bearer" = [])),
    params(("id" = ReportId, Path)),
    responses((status = 200, description = "The document", content_type = "application/pdf"),
        (status = 303, description = "Where it is")))]
async fn show(
    State(state): State<AppState>,
    _administrator: Administrator,
    Key(id): Key<ReportId>,
) -> Result<Response, ApiError> {
    document::of(&state, id).await
}

/// Be told of each daily report
#[utoipa::path(put, path = "/api/reports/subscription", tag = "admin", security(("bearer" = [])),
    params(IdempotencyKey), responses((status = 204)))]
async fn subscribe(
    State(state): State<AppState>,
    Administrator(caller): Administrator,
    once: Once,
) -> Result<Answer, ApiError> {
    let writer = state.database.write()?;
    let mut work = once.begin(&writer, caller.actor()).await?;
    queries::subscribe(&mut work, caller.id).await?;
    work.end(&state.cache, &[], Answer::nothing()).await
}

/// Be told of daily reports no more
#[utoipa::path(delete, path = "/api/reports/subscription", tag = "admin", security(("bearer" = [])),
    params(IdempotencyKey), responses((status = 204)))]
async fn unsubscribe(
    State(state): State<AppState>,
    Administrator(caller): Administrator,
    once: Once,
) -> Result<Answer, ApiError> {
    let writer = state.database.write()?;
    let mut work = once.begin(&writer, caller.actor()).await?;
    queries::unsubscribe(&mut work, caller.id).await?;
    work.end(&state.cache, &[], Answer::nothing()).await
}
