//! The list of routes and the order of the middleware, outermost first: request id, log line, panic, time limit, detaching.

use std::time::Duration;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use tower::ServiceBuilder;
use tower_http::catch_panic::CatchPanicLayer;
use utoipa::openapi::OpenApi;
use utoipa_axum::router::OpenApiRouter;

use super::{ApiError, AppState, consistency, detach, fallback, openapi, request_id, request_log};
use crate::database::{Mode, Unavailable};
use crate::telemetry::metrics::requests;
use crate::{
    api_v2, auth, comments, figures, flags, health, pages, payments, posts, rate_limit, reports,
    users,
};

/// For everything that a request does, reading its body included.
const TIME_LIMIT: Duration = Duration::from_secs(30);

/// Bytes of a body, where a resource sets no other limit.
const BODY_LIMIT: usize = 1024 * 1024;

/// The whole service.
pub fn router(state: AppState) -> Router {
    let (resources, description) = OpenApiRouter::with_openapi(openapi::beginning())
        .merge(users::routes())
        .merge(auth::routes())
        .merge(posts::routes())
        .merge(comments::routes())
        .merge(api_v2::routes())
        .merge(flags::routes())
        .merge(payments::routes())
        .merge(reports::routes())
        .split_for_parts();
    let resources = resources
        .route_layer(from_fn_with_state(state.clone(), consistency::tell))
        .route_layer(from_fn_with_state(state.clone(), rate_limit::limit))
        .route_layer(from_fn_with_state(state.clone(), stand_aside))
        .route_layer(from_fn_with_state(state.clone(), figures::count));
    let description = openapi::finish(description);
    expect_failures(&description);
    let beside = health::routes()
        .merge(pages::routes(&description))
        .merge(openapi::route(description));
    with_middleware(resources.merge(beside)).with_state(state)
}

/// The failures of every described route begin at 0, so that the first one is seen as a change.
fn expect_failures(description: &OpenApi) {
    for (route, item) in &description.paths.paths {
        let methods = [
            ("GET", &item.get),
            ("POST", &item.post),
            ("PUT", &item.put),
            ("PATCH", &item.patch),
            ("DELETE", &item.delete),
        ];
        let described = methods.iter().filter(|(_, operation)| operation.is_some());
        for (method, _) in described {
            requests::expect(method, route);
        }
    }
}

fn with_middleware<S: Clone + Send + Sync + 'static>(routes: Router<S>) -> Router<S> {
    let middleware = ServiceBuilder::new()
        .layer(from_fn(request_id::identify))
        .layer(from_fn(request_log::log))
        .layer(CatchPanicLayer::custom(fallback::panicked))
        .layer(from_fn(limit_time))
        .layer(from_fn(detach::detach))
        .layer(DefaultBodyLimit::max(BODY_LIMIT));
    routes
        .fallback(fallback::no_such_route)
        .method_not_allowed_fallback(fallback::wrong_method)
        .layer(middleware)
}

/// Says so before anything about the request is judged: in maintenance nothing else is true for certain.
async fn stand_aside(State(state): State<AppState>, request: Request, next: Next) -> Response {
    match state.database.mode() {
        mode @ Mode::Maintenance => {
            ApiError::from(Unavailable::StandingAside { mode }).into_response()
        }
        Mode::Normal | Mode::ReadOnly => next.run(request).await,
    }
}

async fn limit_time(request: Request, next: Next) -> Response {
    match tokio::time::timeout(TIME_LIMIT, next.run(request)).await {
        Ok(response) => response,
        Err(_) => fallback::too_slow().into_response(),
    }
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use axum::http::StatusCode;
    use axum::routing::get;
    use http_body_util::BodyExt;
    use tower::ServiceExt;

    use super::*;

    async fn broken() {
        panic!("a bug");
    }

    #[tokio::test]
    async fn a_panic_is_an_ordinary_failure() -> anyhow::Result<()> {
        let router = with_middleware(Router::new().route("/", get(broken).post(broken)));
        for method in ["GET", "POST"] {
            let request = Request::builder()
                .method(method)
                .uri("/")
                .body(Body::empty())?;
            let response = router.clone().oneshot(request).await?;
            assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
            assert!(response.headers().contains_key("x-request-id"));
            let body = response.into_body().collect().await?.to_bytes();
            let body: serde_json::Value = serde_json::from_slice(&body)?;
            assert_eq!(body["error"], "internal_error");
            assert!(!body.to_string().contains("a bug"), "{body}");
        }
        Ok(())
    }
}
