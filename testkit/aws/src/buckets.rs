//! Buckets of a real S3, made as their owner: those under an Object Lock, which no folder on its disk becomes.

use anyhow::{Context, Result, ensure};
use http_body_util::{BodyExt, Empty};
use hyper::{
    HeaderMap, Request,
    body::Bytes,
    header::{HOST, HeaderName, HeaderValue},
};
use hyper_util::{client::legacy::Client, rt::TokioExecutor};
use sha2::{Digest, Sha256};

use crate::{
    accounts::Keys,
    endpoint::{Incoming, signed},
};

/// Makes a bucket whose objects can be kept from everybody, its owner too.
///
/// # Errors
/// With what the server says.
pub async fn create_locked(s3: &str, keys: &Keys, name: &str) -> Result<()> {
    let host = s3
        .strip_prefix("http://")
        .context("S3 is not reached by plain HTTP")?;
    let nothing = hex::encode(Sha256::digest(b""));
    let mut headers = HeaderMap::new();
    for (name, value) in [
        (HOST, host),
        (
            HeaderName::from_static("x-amz-content-sha256"),
            nothing.as_str(),
        ),
        (
            HeaderName::from_static("x-amz-bucket-object-lock-enabled"),
            "true",
        ),
    ] {
        headers.insert(name, HeaderValue::from_str(value)?);
    }
    let asked = Incoming {
        method: "PUT".to_owned(),
        path: format!("/{name}"),
        query: String::new(),
        headers,
        body: Bytes::new(),
    };
    let headers = signed(&asked, keys, ["us-east-1", "s3"])?;
    let mut request = Request::put(format!("{s3}/{name}")).body(Empty::<Bytes>::new())?;
    *request.headers_mut() = headers;
    let client = Client::builder(TokioExecutor::new()).build_http::<Empty<Bytes>>();
    let (parts, body) = client.request(request).await?.into_parts();
    let said = body.collect().await?.to_bytes();
    let said = String::from_utf8_lossy(&said);
    ensure!(
        parts.status.is_success(),
        "{name}: {}: {said}",
        parts.status
    );
    Ok(())
}
