//! A pair of keys in place of a secret: others can read our tokens, and nobody else can sign one.

use anyhow::Result;
use app::config::Role;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, jwk::JwkSet};
use serde_json::json;

use crate::support::{Engine, Place, Service};

/// As `openssl genpkey -algorithm ed25519` writes one; used here alone.
pub const PAIR: &str = "-----BEGIN PRIVATE KEY-----\n\
    MC4CAQAwBQYDK2VwBCIEIAcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcH\n\
    -----END PRIVATE KEY-----\n";

/// The same, as the libraries that sign want it.
pub const PAIR_DER: [u8; 48] = [
    0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20,
    7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7,
];

#[tokio::test]
async fn tokens_of_a_pair_are_read_with_its_public_half_and_signed_with_nothing_else() -> Result<()>
{
    let place = Place::primary(Engine::Sqlite).await?;
    let pairs = [("DATABASE_URL", place.url.as_str()), ("JWT_SECRET", PAIR)];
    let service = Service::start(Role::All, &pairs).await??;
    let (client, id) = service.client.sign_up("me@example.com").await?;
    let path = format!("/api/users/{id}");
    assert_eq!(client.get(&path).await?.status, 200);

    let shown = service.client.get("/.well-known/jwks.json").await?;
    assert_eq!(shown.header("cache-control"), "public, max-age=60");
    let keys: JwkSet = serde_json::from_value(shown.json.clone())?;
    let token = client.token().unwrap_or_default();
    let header = jsonwebtoken::decode_header(token)?;
    assert_eq!(header.alg, Algorithm::EdDSA);
    let name = header.kid.clone().unwrap_or_default();
    let key = keys.find(&name).expect("the key has its name");
    let mut validation = Validation::new(Algorithm::EdDSA);
    validation.set_audience(&["app"]);
    let claims = jsonwebtoken::decode::<serde_json::Value>(
        token,
        &DecodingKey::from_jwk(key)?,
        &validation,
    )?;
    assert_eq!(claims.claims["sub"], id);

    // Signed with what everybody may know, as if it were a secret.
    let x = shown.json["keys"][0]["x"].as_str().unwrap_or_default();
    let good = json!({"sub": id, "iat": 1_700_000_000, "exp": 4_000_000_000_u64, "iss": "app", "aud": "app"});
    for secret in [x, &shown.json.to_string(), ""] {
        for kid in [None, header.kid.clone()] {
            let mut header = Header::new(Algorithm::HS256);
            header.kid = kid;
            let key = EncodingKey::from_secret(secret.as_bytes());
            let forged = jsonwebtoken::encode(&header, &good, &key)?;
            let answer = service.client.with_token(forged).get(&path).await?;
            assert_eq!(answer.problem(), (401, "invalid_token"));
        }
    }
    Ok(())
}
