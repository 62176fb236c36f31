//! `GET /api/admin/audit`.

use axum::Json;
use axum::extract::{Query, State};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::queries::{self, Entry, Wanted};
use crate::auth::Administrator;
use crate::http::{ApiError, AppState, Page, PageParameters, PageRequest};

pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list))
}

/// Read the audit log, newest first
///
/// What was done a moment ago may not stand in it yet; a deletion always does.
#[utoipa::path(get, path = "/api/admin/audit", tag = "admin", security(("bearer" = [])),
    params(PageParameters, Wanted), responses((status = 200, body = Page<Entry>)))]
async fn list(
    State(state): State<AppState>,
    _administrator: Administrator,
    page: PageRequest,
    Query(wanted): Query<Wanted>,
) -> Result<Json<Page<Entry>>, ApiError> {
    let entries = queries::list(&state.database.read()?, &wanted, page).await?;
    Ok(Json(Page::new(entries, page, Entry::place)))
}
