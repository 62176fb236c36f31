//! Health, for whoever decides where requests go. `live`: the process runs. `ready`: it can answer, which includes answering
//! 503 with `Retry-After` while the platform stands aside: taken out of rotation, it could not even say that. Never refused
//! by a mode.

use std::time::Duration;

use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::get;
use axum::{Json, Router};
use serde::Serialize;
use uuid::Uuid;

use crate::database::{Database, Mode};
use crate::http::AppState;

/// A probe that waits longer is given up on by whoever asked.
const PATIENCE: Duration = Duration::from_secs(2);

pub fn routes() -> Router<AppState> {
    Router::new()
        .route("/health/live", get(live))
        .route("/health/ready", get(ready))
}

#[derive(Serialize)]
struct Live {
    status: &'static str,
}

async fn live() -> Json<Live> {
    Json(Live { status: "alive" })
}

#[derive(Serialize)]
struct Ready {
    status: &'static str,
    lineage_id: Option<Uuid>,
    generation: Option<u64>,
    mode: Mode,
}

async fn ready(State(state): State<AppState>) -> (StatusCode, Json<Ready>) {
    let database = &state.database;
    let stopping = *state.stopping.borrow();
    let mode = database.mode();
    let (code, status) = if stopping || !answers(database).await {
        (StatusCode::SERVICE_UNAVAILABLE, "not_ready")
    } else if mode == Mode::Maintenance {
        (StatusCode::OK, "maintenance")
    } else {
        (StatusCode::OK, "ready")
    };
    let lineage_id = database.identity().map(|identity| identity.lineage_id);
    (
        code,
        Json(Ready {
            status,
            lineage_id,
            generation: database.generation(),
            mode,
        }),
    )
}

async fn answers(database: &Database) -> bool {
    let Ok(reader) = database.read_in_any_mode() else {
        return false;
    };
    tokio::time::timeout(PATIENCE, reader.answers())
        .await
        .unwrap_or(false)
}
