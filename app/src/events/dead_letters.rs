//! Deliveries that were given up, for administrators: `GET /api/admin/dead-letters`, and `POST` to try them again.

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::auth::Administrator;
use crate::database::{
    Actor, DeliveryId, EntityId, EventId, Reader, Timestamp, each_engine, in_work,
};
use crate::http::{ApiError, AppState, Cursor, Key, Page, PageParameters, PageRequest};
use crate::idempotency::{Answer, IdempotencyKey, Once};

const LIST: &str = "SELECT d.id, d.event_id, d.subscriber, d.attempts, d.last_error, d.ended_at, o.kind, o.entity_id, o.occurred_at \
    FROM deliveries d JOIN outbox o ON o.id = d.event_id \
    WHERE d.state = 'dead' ORDER BY d.ended_at DESC, d.id DESC LIMIT $1";
const LIST_AFTER: &str = "SELECT d.id, d.event_id, d.subscriber, d.attempts, d.last_error, d.ended_at, o.kind, o.entity_id, o.occurred_at \
    FROM deliveries d JOIN outbox o ON o.id = d.event_id \
    WHERE d.state = 'dead' AND (d.ended_at, d.id) < ($2, $3) ORDER BY d.ended_at DESC, d.id DESC LIMIT $1";
const REPLAY: &str = "UPDATE deliveries SET state = 'pending', attempts = 0, due_at = $1, lease_id = NULL, ended_at = NULL \
    WHERE state = 'dead' AND id = $2";
const REPLAY_ALL: &str = "UPDATE deliveries SET state = 'pending', attempts = 0, due_at = $1, lease_id = NULL, ended_at = NULL \
    WHERE state = 'dead'";

pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list, replay_all))
        .routes(routes!(replay))
}

/// What one subscriber could not be told.
#[derive(Debug, Serialize, sqlx::FromRow, ToSchema)]
struct DeadLetter {
    id: DeliveryId,
    subscriber: String,
    event_id: EventId,
    kind: String,
    entity_id: EntityId,
    occurred_at: Timestamp,
    attempts: i32,
    last_error: Option<String>,
    /// When it was given up.
    ended_at: Timestamp,
}

#[derive(Serialize, ToSchema)]
struct Replayed {
    /// How many are tried again.
    replayed: i64,
}

/// List deliveries that were given up, newest first
#[utoipa::path(get, path = "/api/admin/dead-letters", tag = "admin", security(("bearer" = [])),
    params(PageParameters), responses((status = 200, body = Page<DeadLetter>)))]
async fn list(
    State(state): State<AppState>,
    _administrator: Administrator,
    page: PageRequest,
) -> Result<Json<Page<DeadLetter>>, ApiError> {
    let letters = find(&state.database.read()?, page).await?;
    let place = |letter: &DeadLetter| Cursor {
        created_at: letter.ended_at,
        id: letter.id.0,
    };
    Ok(Json(Page::new(letters, page, place)))
}

/// Try every delivery that was given up again
#[utoipa::path(post, path = "/api/admin/dead-letters", tag = "admin", security(("bearer" = [])),
    params(IdempotencyKey), responses((status = 200, body = Replayed)))]
async fn replay_all(
    State(state): State<AppState>,
    Administrator(caller): Administrator,
    once: Once,
) -> Result<Answer, ApiError> {
    replay_these(&state, caller.actor(), None, once).await
}

/// Try a delivery that was given up again
///
/// Nothing happens to one that was not given up.
#[utoipa::path(post, path = "/api/admin/dead-letters/{id}", tag = "admin", security(("bearer" = [])),
    params(("id" = DeliveryId, Path), IdempotencyKey), responses((status = 200, body = Replayed)))]
async fn replay(
    State(state): State<AppState>,
    Administrator(caller): Administrator,
    Key(id): Key<DeliveryId>,
    once: Once,
) -> Result<Answer, ApiError> {
    replay_these(&state, caller.actor(), Some(id), once).await
}

async fn replay_these(
    state: &AppState,
    actor: Actor,
    one: Option<DeliveryId>,
    once: Once,
) -> Result<Answer, ApiError> {
    let writer = state.database.write()?;
    let mut work = once.begin(&writer, actor).await?;
    let now = Timestamp::now();
    let rows = in_work!(work, connection => match one {
        Some(id) => sqlx::query(REPLAY).bind(now).bind(id).execute(connection).await,
        None => sqlx::query(REPLAY_ALL).bind(now).execute(connection).await,
    }
    .map(|done| done.rows_affected()))?;
    let replayed = i64::try_from(rows).unwrap_or(i64::MAX);
    let answer = Answer::of(&Replayed { replayed })?;
    let answer = work.end(&state.cache, &[], answer).await?;
    tracing::info!(rows, "dead letters are tried again");
    Ok(answer)
}

async fn find(reader: &Reader, page: PageRequest) -> Result<Vec<DeadLetter>, sqlx::Error> {
    let rows = page.rows_to_read();
    let Some(after) = page.after else {
        return each_engine!(reader, pool => sqlx::query_as(LIST).bind(rows).fetch_all(pool).await);
    };
    each_engine!(reader, pool => sqlx::query_as(LIST_AFTER)
        .bind(rows)
        .bind(after.created_at)
        .bind(DeliveryId(after.id))
        .fetch_all(pool)
        .await)
}
