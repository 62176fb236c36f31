//! Buckets of a real S3, made as their owner: those under an Object Lock, which no folder on its disk becomes.

use anyhow::{Context, Result, ensure};
use http_body_util::{BodyExt, Full};
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
    let lock = HeaderName::from_static("x-amz-bucket-object-lock-enabled");
    let wanted = Wanted {
        path: format!("/{name}"),
        query: "",
        header: Some((lock, "true")),
        body: "",
    };
    put(s3, keys, wanted).await
}

/// Lets a bucket encrypt whatever is put there by a key of KMS: the one that a server of the tests has.
///
/// # Errors
/// With what the server says.
pub async fn encrypt(s3: &str, keys: &Keys, name: &str) -> Result<()> {
    let wanted = Wanted {
        path: format!("/{name}"),
        query: "encryption=",
        header: None,
        body: BY_A_KEY,
    };
    put(s3, keys, wanted).await
}

const BY_A_KEY: &str = "<ServerSideEncryptionConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Rule>\
    <ApplyServerSideEncryptionByDefault><SSEAlgorithm>aws:kms</SSEAlgorithm>\
    <KMSMasterKeyID>of-the-tests</KMSMasterKeyID></ApplyServerSideEncryptionByDefault>\
    </Rule></ServerSideEncryptionConfiguration>";

/// Something to put.
struct Wanted {
    path: String,
    query: &'static str,
    header: Option<(HeaderName, &'static str)>,
    body: &'static str,
}

async fn put(s3: &str, keys: &Keys, wanted: Wanted) -> Result<()> {
    let host = s3
        .strip_prefix("http://")
        .context("S3 is not reached by plain HTTP")?;
    let sum = hex::encode(Sha256::digest(wanted.body));
    let mut headers = HeaderMap::new();
    headers.insert(HOST, HeaderValue::from_str(host)?);
    let content = HeaderName::from_static("x-amz-content-sha256");
    headers.insert(content, HeaderValue::from_str(&sum)?);
    if let Some((name, value)) = wanted.header {
        headers.insert(name, HeaderValue::from_static(value));
    }
    let body = Bytes::from_static(wanted.body.as_bytes());
    let asked = Incoming {
        method: "PUT".to_owned(),
        path: wanted.path.clone(),
        query: wanted.query.to_owned(),
        headers,
        body: body.clone(),
    };
    let headers = signed(&asked, keys, ["us-east-1", "s3"])?;
    let question = if wanted.query.is_empty() { "" } else { "?" };
    let url = format!("{s3}{}{question}{}", wanted.path, wanted.query);
    let mut request = Request::put(url).body(Full::new(body))?;
    *request.headers_mut() = headers;
    let client = Client::builder(TokioExecutor::new()).build_http::<Full<Bytes>>();
    let (parts, body) = client.request(request).await?.into_parts();
    let said = body.collect().await?.to_bytes();
    let said = String::from_utf8_lossy(&said);
    ensure!(
        parts.status.is_success(),
        "{}: {}: {said}",
        wanted.path,
        parts.status
    );
    Ok(())
}
