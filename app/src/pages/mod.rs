//! Pages for people: the status page at `/`, the dashboard at `/dashboard` where its flag is open, and the description of the
//! interface at `/docs`. Plain HTML made here, one stylesheet, no script and nothing from elsewhere. Never shows what a stranger
//! must not know: no names, no addresses.

mod beside;
mod chart;
mod dashboard;
mod docs;
mod html;
mod part;
mod status;

pub use dashboard::Kept as KeptDashboard;

use axum::Router;
use axum::extract::State;
use axum::http::header;
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use utoipa::openapi::OpenApi;

use crate::http::AppState;

const STYLE: &str = include_str!("style.css");
/// The pages have no script and send nothing anywhere.
const POLICY: &str = "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// Beside the resources: a mode that refuses those is what the status page is there to tell.
pub fn routes(description: &OpenApi) -> Router<AppState> {
    let document = serde_json::to_value(description).unwrap_or_default();
    let docs = docs::page(&document);
    Router::new()
        .route("/", get(status_page))
        .route("/dashboard", get(dashboard::show))
        .route(
            "/docs",
            get(move || async move { page(docs, "public, max-age=300") }),
        )
        .route("/style.css", get(style))
}

async fn status_page(State(state): State<AppState>) -> Response {
    page(
        status::page(&state, &status::look(&state).await),
        "no-store",
    )
}

async fn style() -> Response {
    let headers = [
        (header::CONTENT_TYPE, "text/css; charset=utf-8"),
        (header::CACHE_CONTROL, "public, max-age=300"),
    ];
    (headers, STYLE).into_response()
}

fn page(html: String, caching: &'static str) -> Response {
    let headers = [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::CACHE_CONTROL, caching),
    ];
    (headers, Html(html)).into_response()
}
