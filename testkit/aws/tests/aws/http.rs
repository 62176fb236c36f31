//! Plain HTTP, for what no client of the SDK asks: registries, and questions that were signed before.

use anyhow::Result;
use http_body_util::{BodyExt, Full};
use hyper::{Request, Response, body::Bytes};
use hyper_util::{client::legacy::Client, rt::TokioExecutor};

/// Asks, and reads the whole answer.
pub async fn answered(request: Request<Full<Bytes>>) -> Result<Response<String>> {
    let client = Client::builder(TokioExecutor::new()).build_http::<Full<Bytes>>();
    let (parts, body) = client.request(request).await?.into_parts();
    let body = body.collect().await?.to_bytes();
    let text = String::from_utf8_lossy(&body).into_owned();
    Ok(Response::from_parts(parts, text))
}
