//! The list of routes and the order of the middleware, outermost first: what is around every request (id, headers, log line), what
//! browsers need, what is around the work (panic, time limit, detaching); then, for the resources, what stands before them:
//! standing aside, room for one more, limits.

use std::sync::Arc;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use tokio::sync::{Semaphore, watch};
use tower::ServiceBuilder;
use utoipa::openapi::OpenApi;
use utoipa_axum::router::OpenApiRouter;

use super::{
    ApiError, AppState, around, browsers, consistency, fallback, openapi, shedding, within,
};
use crate::config::HttpSettings;
use crate::database::{Mode, Unavailable};
use crate::figures::Traffic;
use crate::telemetry::metrics::requests;
use crate::{
    api_v2, audit, auth, comments, events, flags, health, jobs, pages, payments, posts, rate_limit,
    reports, users,
};

/// Bytes of a body, where a resource sets no other limit.
const BODY_LIMIT: usize = 1024 * 1024;

/// Where a body holds a name, a password or a token.
const SMALL_BODY_LIMIT: usize = 16 * 1024;

/// The whole service.
pub fn router(state: AppState) -> Router {
    let auth = auth::routes().layer(DefaultBodyLimit::max(SMALL_BODY_LIMIT));
    // What another role answers is described all the same: it is one service to whoever stands outside.
    let (auth, of_auth) = match state.auth_service {
        Some(_) => (OpenApiRouter::new(), Some(auth.into_openapi())),
        None => (auth, None),
    };
    let (resources, mut description) = OpenApiRouter::with_openapi(openapi::beginning())
        .merge(users::routes())
        .merge(auth)
        .merge(auth::routes_of_users())
        .merge(posts::routes())
        .merge(comments::routes())
        .merge(api_v2::routes())
        .merge(flags::routes())
        .merge(audit::routes())
        .merge(events::routes())
        .merge(jobs::routes())
        .merge(payments::routes())
        .merge(reports::routes())
        .split_for_parts();
    let resources = guarded(resources, &state);
    description.merge(of_auth.unwrap_or_default());
    let description = openapi::finish(description);
    expect_failures(&description);
    let beside = health::routes()
        .merge(pages::routes(&description))
        .merge(openapi::route(description));
    with_middleware(resources.merge(beside), Around::of(&state)).with_state(state)
}

/// The auth service: log-in, sessions, public keys; and the other roles' questions, which count against nobody's limits.
pub fn of_auth(state: AppState) -> Router {
    let auth = auth::routes().layer(DefaultBodyLimit::max(SMALL_BODY_LIMIT));
    let (resources, description) = auth.split_for_parts();
    expect_failures(&description);
    let beside = health::routes().merge(auth::service::routes());
    let routes = guarded(resources, &state).merge(beside);
    with_middleware(routes, Around::of(&state)).with_state(state)
}

/// What stands before every resource.
fn guarded(resources: Router<AppState>, state: &AppState) -> Router<AppState> {
    let places = Arc::new(Semaphore::new(state.http.at_once));
    let before = (state.clone(), places);
    resources.route_layer(from_fn_with_state(before, before_resources))
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

/// For a process that answers no requests: whether it is well.
pub fn of_worker(state: AppState) -> Router {
    with_middleware(health::routes(), Around::of(&state)).with_state(state)
}

/// What the middleware around every request needs.
struct Around {
    settings: Arc<HttpSettings>,
    traffic: Arc<Traffic>,
    stopping: watch::Receiver<bool>,
}

impl Around {
    fn of(state: &AppState) -> Self {
        Self {
            settings: Arc::clone(&state.http),
            traffic: Arc::clone(&state.traffic),
            stopping: state.stopping.clone(),
        }
    }
}

fn with_middleware<S: Clone + Send + Sync + 'static>(
    routes: Router<S>,
    around: Around,
) -> Router<S> {
    let settings = around.settings;
    let beside = around::Beside::new(around.traffic, &settings, around.stopping);
    let middleware = ServiceBuilder::new()
        .layer(from_fn_with_state(beside, around::around))
        .option_layer(browsers::origins(&settings.origins))
        .layer(browsers::compression())
        .layer(from_fn(within::within))
        .layer(DefaultBodyLimit::max(BODY_LIMIT));
    routes
        .fallback(fallback::no_such_route)
        .method_not_allowed_fallback(fallback::wrong_method)
        .layer(middleware)
}

/// That the platform stands aside is said before anything about the request is judged: in maintenance nothing else is true for
/// certain.
async fn before_resources(
    State((state, places)): State<(AppState, Arc<Semaphore>)>,
    mut request: Request,
    next: Next,
) -> Response {
    if let mode @ Mode::Maintenance = state.database.mode() {
        return ApiError::from(Unavailable::StandingAside { mode }).into_response();
    }
    let Some(_place) = shedding::place(&places) else {
        return ApiError::Overloaded.into_response();
    };
    let left = match rate_limit::admit(&state, &mut request).await {
        Ok(left) => left,
        Err(refusal) => return refusal,
    };
    let writes = !request.method().is_safe();
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    if writes {
        consistency::tell(&state, headers).await;
    }
    if let Some(left) = left {
        left.tell(headers);
    }
    response
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use axum::http::{StatusCode, Version, header};
    use axum::routing::get;
    use http_body_util::BodyExt;
    use tower::ServiceExt;

    use super::*;

    async fn broken() {
        panic!("a bug");
    }

    fn around(debug: bool, leaving: bool) -> Around {
        Around {
            settings: Arc::new(HttpSettings {
                debug,
                origins: Vec::new(),
                at_once: 1,
            }),
            traffic: Arc::default(),
            stopping: watch::channel(leaving).1,
        }
    }

    #[tokio::test]
    async fn who_asks_a_process_that_leaves_is_told_to_ask_elsewhere_next() -> anyhow::Result<()> {
        let asked = |leaving, version| async move {
            let routes = Router::new().route("/", get(async || "well"));
            let router = with_middleware(routes, around(false, leaving));
            let request = Request::builder().version(version).body(Body::empty())?;
            let response = router.oneshot(request).await?;
            assert_eq!(response.status(), StatusCode::OK);
            let told = response.headers().get(header::CONNECTION).cloned();
            anyhow::Ok(told.is_some_and(|word| word == "close"))
        };
        assert!(!asked(false, Version::HTTP_11).await?);
        assert!(asked(true, Version::HTTP_11).await?);
        // Where it would be a mistake of the protocol.
        assert!(!asked(true, Version::HTTP_2).await?);
        Ok(())
    }

    #[tokio::test]
    async fn a_panic_is_an_ordinary_failure() -> anyhow::Result<()> {
        let routes = || Router::new().route("/", get(broken).post(broken));
        let router = with_middleware(routes(), around(false, false));
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
        let router = with_middleware(routes(), around(true, false));
        let response = router.oneshot(Request::new(Body::empty())).await?;
        let body = response.into_body().collect().await?.to_bytes();
        let body: serde_json::Value = serde_json::from_slice(&body)?;
        assert_eq!(body["error"], "internal_error");
        assert_eq!(body["cause"], "panic: a bug");
        Ok(())
    }
}
