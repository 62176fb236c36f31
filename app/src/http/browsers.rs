//! What only browsers and slow lines need: permission to call from another origin, and smaller answers.

use std::time::Duration;

use axum::http::{
    Extensions, HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Version, header,
};
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{And, Predicate, SizeAbove};
use tower_http::cors::{AllowOrigin, CorsLayer};

use super::consistency::CONSISTENCY_TOKEN;

/// Bytes; less gets no smaller.
const WORTH_IT: u64 = 1024;
/// For which a browser need not ask again whether it may.
const REMEMBER: Duration = Duration::from_secs(600);

/// Headers of a request that pages may set.
const ASKED_WITH: [HeaderName; 7] = [
    header::AUTHORIZATION,
    header::CONTENT_TYPE,
    header::IF_MATCH,
    header::IF_NONE_MATCH,
    CONSISTENCY_TOKEN,
    HeaderName::from_static("idempotency-key"),
    HeaderName::from_static("x-request-id"),
];

/// Headers of an answer that pages may read.
const TOLD: [HeaderName; 8] = [
    header::ETAG,
    header::LOCATION,
    header::RETRY_AFTER,
    CONSISTENCY_TOKEN,
    HeaderName::from_static("ratelimit-limit"),
    HeaderName::from_static("ratelimit-remaining"),
    HeaderName::from_static("ratelimit-reset"),
    HeaderName::from_static("x-request-id"),
];

/// None where no page of another origin may call.
pub fn origins(origins: &[HeaderValue]) -> Option<CorsLayer> {
    let methods = [
        Method::GET,
        Method::POST,
        Method::PUT,
        Method::PATCH,
        Method::DELETE,
    ];
    let layer = CorsLayer::new()
        .allow_origin(AllowOrigin::list(origins.iter().cloned()))
        .allow_methods(methods)
        .allow_headers(ASKED_WITH)
        .expose_headers(TOLD)
        .max_age(REMEMBER)
        .vary([header::ORIGIN]);
    (!origins.is_empty()).then_some(layer)
}

/// Answers that hold a secret are never compressed: their length would tell something about it.
pub fn compression() -> CompressionLayer<And<SizeAbove, impl Predicate + Send + Sync + 'static>> {
    CompressionLayer::new().compress_when(SizeAbove::new(WORTH_IT).and(is_no_secret))
}

fn is_no_secret(_: StatusCode, _: Version, headers: &HeaderMap, _: &Extensions) -> bool {
    let caching = headers.get(header::CACHE_CONTROL);
    caching.is_none_or(|caching| caching != "no-store")
}
