//! `GET /.well-known/jwks.json`: the keys with which others read our tokens. A secret that also signs is never among them.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use utoipa::ToSchema;

use crate::http::AppState;

/// As RFC 7517 has it.
#[derive(ToSchema)]
#[expect(dead_code, reason = "only described; the library writes it")]
pub struct KeySet {
    keys: Vec<PublicKey>,
}

#[derive(ToSchema)]
#[expect(dead_code, reason = "only described; the library writes it")]
struct PublicKey {
    #[schema(example = "OKP")]
    kty: String,
    #[schema(example = "Ed25519")]
    crv: String,
    #[schema(example = "EdDSA")]
    alg: String,
    #[schema(example = "sig")]
    r#use: String,
    kid: String,
    x: String,
}

/// The public keys
///
/// Of every key that holds: the one that signs, the one before it and the one after it. Empty while tokens are signed with a
/// shared secret.
#[utoipa::path(get, path = "/.well-known/jwks.json", tag = "auth", responses((status = 200, body = KeySet)))]
pub async fn public_keys(State(state): State<AppState>) -> Response {
    let keys = serde_json::json!({ "keys": state.tokens.public_keys() });
    // As long as a rotation leaves between two of its steps.
    let minute = HeaderValue::from_static("public, max-age=60");
    ([(header::CACHE_CONTROL, minute)], Json(keys)).into_response()
}
