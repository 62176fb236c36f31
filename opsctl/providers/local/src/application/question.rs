//! Asks an application over HTTP, with a token of our own making.

use std::time::{Duration, Instant};

use http_body_util::{BodyExt, Empty};
use hyper::Request;
use hyper::body::Bytes;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use opsctl_core::{Failure, Result};
use serde_json::Value;
use uuid::Uuid;

/// One answer takes at most this long.
const ANSWER_WITHIN: Duration = Duration::from_secs(30);
/// Between two looks at whether it is ready.
const PAUSE: Duration = Duration::from_millis(20);
/// A body above this is not what we asked for.
const LARGEST_BODY: usize = 1 << 20;

#[derive(serde::Serialize)]
struct Claims {
    sub: Uuid,
    iat: i64,
    exp: i64,
    iss: &'static str,
    aud: &'static str,
}

/// A token that says we are this user, good for five minutes with whoever knows the secret.
pub fn token(secret: &str, user_id: Uuid) -> Result<String> {
    let now = time::OffsetDateTime::now_utc().unix_timestamp();
    let claims = Claims {
        sub: user_id,
        iat: now,
        exp: now + 300,
        iss: "app",
        aud: "app",
    };
    let key = jsonwebtoken::EncodingKey::from_secret(secret.as_bytes());
    jsonwebtoken::encode(&jsonwebtoken::Header::default(), &claims, &key)
        .map_err(|error| Failure::failed("can't sign the probe's token").because(error))
}

/// Waits until `/health/ready` answers 200.
pub async fn ready(address: &str, within: Duration) -> Result<()> {
    let begun = Instant::now();
    loop {
        let answer = get(address, "/health/ready", None).await;
        if matches!(answer, Ok((200, _))) {
            return Ok(());
        }
        if begun.elapsed() >= within {
            let failure = Failure::failed("the application did not get ready on the copy");
            return Err(match answer {
                Ok((status, body)) => failure.cause(format!("it answered {status}: {body}")),
                Err(cause) => failure.because(cause),
            });
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// The status and the JSON body; a body that is no JSON comes as text.
pub async fn get(address: &str, path: &str, token: Option<&str>) -> Result<(u16, Value)> {
    let asking = ask(address, path, token);
    tokio::time::timeout(ANSWER_WITHIN, asking)
        .await
        .unwrap_or_else(|_| {
            Err(Failure::failed(format!(
                "the application did not answer GET {path} within {} seconds",
                ANSWER_WITHIN.as_secs()
            )))
        })
}

async fn ask(address: &str, path: &str, token: Option<&str>) -> Result<(u16, Value)> {
    let trouble = || Failure::failed(format!("GET {path} of the application failed"));
    let mut request = Request::get(format!("http://{address}{path}"));
    if let Some(token) = token {
        request = request.header("authorization", format!("Bearer {token}"));
    }
    let request = request
        .body(Empty::<Bytes>::new())
        .map_err(|error| trouble().because(error))?;
    let client: Client<HttpConnector, Empty<Bytes>> =
        Client::builder(TokioExecutor::new()).build_http();
    let answer = client
        .request(request)
        .await
        .map_err(|error| trouble().because(error))?;
    let status = answer.status().as_u16();
    let body = http_body_util::Limited::new(answer.into_body(), LARGEST_BODY)
        .collect()
        .await
        .map_err(|error| trouble().cause(error.to_string()))?
        .to_bytes();
    let body = serde_json::from_slice(&body)
        .unwrap_or_else(|_| Value::String(String::from_utf8_lossy(&body).into_owned()));
    Ok((status, body))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_token_says_who_for_whom_and_how_long() {
        let user = Uuid::new_v4();
        let secret = "s".repeat(64);
        let token = token(&secret, user).unwrap();
        let key = jsonwebtoken::DecodingKey::from_secret(secret.as_bytes());
        let mut rules = jsonwebtoken::Validation::new(jsonwebtoken::Algorithm::HS256);
        rules.set_audience(&["app"]);
        rules.set_issuer(&["app"]);
        let read = jsonwebtoken::decode::<Value>(&token, &key, &rules).unwrap();
        assert_eq!(read.claims["sub"], user.to_string());
    }
}
