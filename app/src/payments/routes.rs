//! `POST /api/payments/webhook`.

use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderMap, StatusCode};
use serde::Serialize;
use time::OffsetDateTime;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::event::Message;
use super::queries::{self, Outcome};
use super::signature::{self, HEADER};
use crate::config::registry::API_KEY;
use crate::database::{Actor, Work};
use crate::http::{ApiError, AppState, parse_body, unread_body};

const BODY_LIMIT: usize = 64 * 1024;

pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(webhook))
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
}

#[derive(Serialize, ToSchema)]
struct Answer {
    status: Outcome,
}

/// Tell of a payment
///
/// For the payment provider. `Payment-Signature: t=<seconds since 1970>,v1=<hexadecimal>` is HMAC-SHA256 over `<t>.<body>` under
/// `API_KEY`, made within five minutes. An event that is told again has no second effect.
#[utoipa::path(post, path = "/api/payments/webhook", tag = "payments", request_body = Message,
    params(("payment-signature" = String, Header)), responses((status = 200, body = Answer)))]
async fn webhook(
    State(state): State<AppState>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<Answer>, ApiError> {
    let body = body.map_err(unread_body)?;
    let header = headers.get(HEADER).and_then(|value| value.to_str().ok());
    let keys = state.secrets.both(API_KEY);
    let now = OffsetDateTime::now_utc().unix_timestamp();
    signature::verify(header.unwrap_or_default(), &body, &keys, now).map_err(|why| {
        let error = why.to_string();
        tracing::warn!(
            error,
            keys = keys.len(),
            "a message about a payment is not believed"
        );
        not_believed()
    })?;
    let message: Message = parse_body(&body)?;
    let event = message.judge()?;
    let writer = state.database.write()?;
    let mut work = Work::begin(&writer, Actor::default()).await?;
    let status = queries::apply(&mut work, &event).await?;
    work.commit().await?;
    match status {
        Outcome::Applied => tracing::info!(event = event.id, "an account was paid for"),
        Outcome::NoSuchUser => {
            tracing::warn!(
                event = event.id,
                "somebody paid for an account that is not there"
            );
        }
        Outcome::Ignored | Outcome::Repeated => {}
    }
    Ok(Json(Answer { status }))
}

/// Which part of it was wrong is in the log alone.
fn not_believed() -> ApiError {
    ApiError::refused(
        StatusCode::BAD_REQUEST,
        "invalid_signature",
        "The signature is missing, too old or made with another key",
    )
}
