//! Documents as objects of a bucket. Whoever was let in gets an address that opens one document for a few minutes, signed here; the
//! bucket itself is open to nobody. Region, role and endpoint are as AWS' own variables say. Never tries for long: whoever stores
//! tries again later, and whoever asks is told to.

use std::time::Duration;

use aws_config::BehaviorVersion;
use aws_config::timeout::TimeoutConfig;
use aws_sdk_s3::Client;
use aws_sdk_s3::error::{DisplayErrorContext, ProvideErrorMetadata, SdkError};
use aws_sdk_s3::operation::head_object::HeadObjectError;
use aws_sdk_s3::presigning::PresigningConfig;
use aws_sdk_s3::primitives::ByteStream;
use tokio::sync::OnceCell;

use super::{Key, Storage, StorageError, Way};
use crate::config::{Addressing, Bucket};

const CONNECT: Duration = Duration::from_secs(2);
const ATTEMPT: Duration = Duration::from_secs(4);
/// With what is tried again. A request is answered long before its client gives up.
const LOOK: Duration = Duration::from_secs(6);
const STORE: Duration = Duration::from_secs(20);
/// How long a signed address opens its document: long enough to follow it.
const OPENS_FOR: Duration = Duration::from_secs(300);

/// One bucket.
#[derive(Debug)]
pub struct S3 {
    bucket: Bucket,
    client: OnceCell<Client>,
}

impl S3 {
    /// Asked for nothing yet.
    pub fn new(bucket: Bucket) -> Self {
        Self {
            bucket,
            client: OnceCell::new(),
        }
    }

    /// Asked through this client, for tests.
    pub fn through(client: Client, name: &str) -> Self {
        let bucket = Bucket {
            name: name.to_owned(),
            addressing: Addressing::Path,
        };
        Self {
            bucket,
            client: OnceCell::new_with(Some(client)),
        }
    }

    async fn client(&self) -> &Client {
        let load = || async {
            let timeouts = TimeoutConfig::builder()
                .connect_timeout(CONNECT)
                .operation_attempt_timeout(ATTEMPT)
                .build();
            let shared = aws_config::defaults(BehaviorVersion::latest())
                .timeout_config(timeouts)
                .load()
                .await;
            let by_path = self.bucket.addressing == Addressing::Path;
            let config = aws_sdk_s3::config::Builder::from(&shared).force_path_style(by_path);
            Client::from_conf(config.build())
        };
        self.client.get_or_init(load).await
    }

    /// Whether it is there: a signed address of what is not would help nobody.
    async fn look(&self, key: &Key) -> Result<(), StorageError> {
        let client = self.client().await;
        let head = client
            .head_object()
            .bucket(&self.bucket.name)
            .key(key.as_str());
        match tokio::time::timeout(LOOK, head.send()).await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(error))
                if error
                    .as_service_error()
                    .is_some_and(HeadObjectError::is_not_found) =>
            {
                Err(StorageError::Missing(key.as_str().to_owned()))
            }
            Ok(Err(error)) => Err(cannot_get(key, said(&error))),
            Err(_) => Err(cannot_get(key, "no answer in time".into())),
        }
    }
}

#[async_trait::async_trait]
impl Storage for S3 {
    async fn put(&self, key: &Key, document: Vec<u8>) -> Result<(), StorageError> {
        let client = self.client().await;
        let put = client
            .put_object()
            .bucket(&self.bucket.name)
            .key(key.as_str())
            .content_type(key.content_type())
            .content_disposition(key.disposition())
            .cache_control("private, no-store")
            .body(ByteStream::from(document));
        let problem = match tokio::time::timeout(STORE, put.send()).await {
            Ok(Ok(_)) => return Ok(()),
            Ok(Err(error)) => said(&error),
            Err(_) => "no answer in time".into(),
        };
        let key = key.as_str().to_owned();
        Err(StorageError::Put { key, problem })
    }

    async fn way_to(&self, key: &Key) -> Result<Way, StorageError> {
        self.look(key).await?;
        let client = self.client().await;
        let opens = PresigningConfig::expires_in(OPENS_FOR);
        let opens = opens.map_err(|error| cannot_get(key, error.to_string()))?;
        let get = client
            .get_object()
            .bucket(&self.bucket.name)
            .key(key.as_str());
        match tokio::time::timeout(LOOK, get.presigned(opens)).await {
            Ok(Ok(request)) => Ok(Way::There(request.uri().to_owned())),
            Ok(Err(error)) => Err(cannot_get(key, said(&error))),
            Err(_) => Err(cannot_get(key, "nobody said in time who asks".into())),
        }
    }
}

fn cannot_get(key: &Key, problem: String) -> StorageError {
    let key = key.as_str().to_owned();
    StorageError::Get { key, problem }
}

/// The service's own words, or why it said none.
fn said<E, R>(error: &SdkError<E, R>) -> String
where
    SdkError<E, R>: ProvideErrorMetadata,
    E: std::error::Error + Send + Sync + 'static,
    R: std::fmt::Debug + Send + Sync + 'static,
{
    match (error.code(), error.message()) {
        (Some(code), Some(message)) => format!("{code}: {message}"),
        (Some(code), None) => code.to_owned(),
        (None, _) => DisplayErrorContext(error).to_string(),
    }
}
