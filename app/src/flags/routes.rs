//! Flags for administrators: `GET /api/admin/flags`, `GET` and `PUT /api/admin/flags/{name}`.

use axum::Json;
use axum::extract::State;
use axum::response::Response;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{FlagName, Standing, change};
use crate::auth::Administrator;
use crate::http::{ApiError, AppState, Caching, Conditions};

pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(show, change::put))
}

#[derive(Serialize, ToSchema)]
struct Standings {
    items: Vec<Standing>,
}

/// List the feature flags
///
/// Those that were ever set, those that the environment sets, and those that this version asks for.
#[utoipa::path(get, path = "/api/admin/flags", tag = "admin", security(("bearer" = [])),
    responses((status = 200, body = Standings)))]
async fn list(State(state): State<AppState>, _administrator: Administrator) -> Json<Standings> {
    let items = state.flags.standings();
    Json(Standings { items })
}

/// See a feature flag
///
/// One that nobody ever set is closed.
#[utoipa::path(get, path = "/api/admin/flags/{name}", tag = "admin", security(("bearer" = [])),
    params(("name" = FlagName, Path), ("if-none-match" = Option<String>, Header)),
    responses((status = 200, body = Standing), (status = 304, description = "The client has it")))]
async fn show(
    State(state): State<AppState>,
    _administrator: Administrator,
    name: FlagName,
    conditions: Conditions,
) -> Result<Response, ApiError> {
    conditions.answer(&state.flags.standing(name), Caching::Revalidate)
}
