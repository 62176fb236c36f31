//! The least that could answer: a fixed body, and one query of a pool. What the service costs above it is the service's own.

use std::io::Write;
use std::sync::Arc;

use anyhow::Result;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde::Serialize;
use serde_json::{Value, json};
use sqlx::PgPool;
use sqlx::postgres::PgPoolOptions;
use time::OffsetDateTime;
use uuid::Uuid;

/// As long as a profile is.
const BODY: &str = r#"{"id":"550e8400-e29b-41d4-a716-446655440000","email":"somebody@example.com","first_name":"John","last_name":"Doe","created_at":"2024-01-15T10:30:00Z","updated_at":"2024-01-20T14:45:00Z"}"#;

const FIND: &str = "SELECT id, user_id, title, content, published, created_at, updated_at \
    FROM posts WHERE id = $1";

#[derive(Serialize, sqlx::FromRow)]
struct Post {
    id: Uuid,
    user_id: Uuid,
    title: String,
    content: String,
    published: bool,
    #[serde(with = "time::serde::rfc3339")]
    created_at: OffsetDateTime,
    #[serde(with = "time::serde::rfc3339")]
    updated_at: OffsetDateTime,
}

/// Serves until it is ended from outside.
pub async fn serve(database: &str) -> Result<Value> {
    let pool = PgPoolOptions::new()
        .max_connections(20)
        .min_connections(20)
        .test_before_acquire(false)
        .connect(database)
        .await?;
    let router = Router::new()
        .route("/bare", get(fixed))
        .route("/api/posts/{id}", get(post))
        .route("/health/ready", get(fixed))
        .with_state(Arc::new(pool));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let line = json!({ "address": listener.local_addr()?.to_string() });
    writeln!(std::io::stdout(), "{line}")?;
    axum::serve(listener, router).await?;
    Ok(Value::Null)
}

async fn fixed() -> Response {
    ([(header::CONTENT_TYPE, "application/json")], BODY).into_response()
}

async fn post(State(pool): State<Arc<PgPool>>, Path(id): Path<Uuid>) -> Response {
    let found: Result<Option<Post>, _> = sqlx::query_as(FIND)
        .bind(id)
        .fetch_optional(pool.as_ref())
        .await;
    match found {
        Ok(Some(post)) => Json(post).into_response(),
        Ok(None) => StatusCode::NOT_FOUND.into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}
