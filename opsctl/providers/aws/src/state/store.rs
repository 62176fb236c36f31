//! A bucket as a state store. S3 cannot append and knows no lock; it knows conditional writes, and they are enough.
//!
//! The SDK repeats a write whose answer was lost, and the repetition is refused because the first was carried out. So each write carries
//! a mark of its own, and a refusal is one only if somebody else's mark is found.

use std::sync::Arc;

use async_trait::async_trait;
use aws_sdk_s3::Client;
use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_s3::operation::put_object::builders::PutObjectFluentBuilder;
use aws_sdk_s3::primitives::ByteStream;
use opsctl_core::Failure;
use opsctl_core::state::{Generation, Key, StateStore, StoreError};
use tokio::sync::OnceCell;

use super::registers;
use crate::account::{Aws, Side};
use crate::trouble;

/// The version of the layout.
const FORMAT: u32 = 1;
/// The metadata under which a write is known again.
const WRITER: &str = "writer";
/// What tells a register from an object of the same name.
pub(super) const REGISTER: &str = ".register";

/// The state store of an environment in AWS, in its backup region.
#[derive(Debug, Clone)]
pub struct S3Store {
    aws: Aws,
    client: Arc<OnceCell<Client>>,
    stamp: Arc<OnceCell<()>>,
}

/// What a conditional write is held against.
pub(super) enum Expected {
    /// That nothing is there.
    Nothing,
    /// That what is there is still that.
    Tag(String),
}

/// An object as it was found.
pub(super) struct Found {
    pub bytes: Vec<u8>,
    pub tag: String,
    /// The mark of whoever wrote it.
    writer: Option<String>,
}

impl S3Store {
    /// The store of that account's environment. Asks nothing yet.
    #[must_use]
    pub fn new(aws: Aws) -> Self {
        Self {
            aws,
            client: Arc::default(),
            stamp: Arc::default(),
        }
    }

    /// A client, once the layout's version was held against ours.
    async fn client(&self) -> Result<&Client, StoreError> {
        self.client.get_or_try_init(|| self.open()).await
    }

    async fn open(&self) -> Result<Client, StoreError> {
        let client = Client::new(&self.aws.config(Side::Backup).await.map_err(refused)?);
        let key = Key::format();
        let stamp = self.get(&client, &key, key.as_str()).await?;
        let found = stamp.and_then(|it| String::from_utf8(it.bytes).ok()?.trim().parse().ok());
        match found {
            Some(found) if found > FORMAT => Err(StoreError::NewerFormat {
                found,
                known: FORMAT,
            }),
            Some(_) => {
                // Whoever writes need not say it again.
                let _first = self.stamp.set(());
                Ok(client)
            }
            None => Ok(client),
        }
    }

    /// The same for whoever writes: who comes first says how it is laid out.
    async fn stamped(&self) -> Result<&Client, StoreError> {
        let client = self.client().await?;
        self.stamp
            .get_or_try_init(async || {
                let (key, text) = (Key::format(), format!("{FORMAT}\n").into_bytes());
                let nothing = Expected::Nothing;
                let written = self.put(client, &key, key.as_str(), text, &nothing);
                match written.await {
                    Ok(()) | Err(StoreError::Conflict(_)) => Ok(()),
                    Err(error) => Err(error),
                }
            })
            .await?;
        Ok(client)
    }

    fn bucket(&self, key: &Key) -> &str {
        let buckets = &self.aws.settings().buckets;
        let evidence = Key::evidence();
        let below = key.as_str().strip_prefix(evidence.as_str());
        match below.is_some_and(|rest| rest.is_empty() || rest.starts_with('/')) {
            true => &buckets.evidence,
            false => &buckets.state,
        }
    }

    pub(super) async fn get(
        &self,
        client: &Client,
        key: &Key,
        name: &str,
    ) -> Result<Option<Found>, StoreError> {
        let asked = client
            .get_object()
            .bucket(self.bucket(key))
            .key(name)
            .send();
        let answer = match asked.await {
            Ok(answer) => answer,
            Err(error) if error.code() == Some("NoSuchKey") => return Ok(None),
            Err(error) => return Err(unavailable("read", key, &error)),
        };
        let tag = answer.e_tag.unwrap_or_default();
        let writer = answer.metadata.unwrap_or_default().remove(WRITER);
        let bytes = answer
            .body
            .collect()
            .await
            .map_err(|error| StoreError::Unavailable {
                action: "read",
                key: key.clone(),
                reason: error.to_string(),
            })?;
        Ok(Some(Found {
            bytes: bytes.to_vec(),
            tag,
            writer,
        }))
    }

    pub(super) async fn put(
        &self,
        client: &Client,
        key: &Key,
        name: &str,
        bytes: Vec<u8>,
        expected: &Expected,
    ) -> Result<(), StoreError> {
        let writer = uuid::Uuid::new_v4().to_string();
        let put = client.put_object().bucket(self.bucket(key)).key(name);
        let put = put.metadata(WRITER, &writer).body(ByteStream::from(bytes));
        let sent = conditional(put, expected).send().await;
        let Err(error) = sent else { return Ok(()) };
        if !is_conflict(&error) {
            return Err(unavailable("write", key, &error));
        }
        let found = self.get(client, key, name).await?;
        let own = found.is_some_and(|it| it.writer.as_ref() == Some(&writer));
        own.then_some(())
            .ok_or_else(|| StoreError::Conflict(key.clone()))
    }
}

fn conditional(put: PutObjectFluentBuilder, expected: &Expected) -> PutObjectFluentBuilder {
    match expected {
        Expected::Nothing => put.if_none_match("*"),
        Expected::Tag(tag) => put.if_match(tag),
    }
}

/// 412, 409 while another conditional write is under way, and 404 where what was to be replaced is gone.
fn is_conflict<E, R>(error: &SdkError<E, R>) -> bool
where
    SdkError<E, R>: ProvideErrorMetadata,
{
    let codes = [
        "PreconditionFailed",
        "ConditionalRequestConflict",
        "NoSuchKey",
    ];
    error.code().is_some_and(|code| codes.contains(&code))
}

fn unavailable<E, R>(action: &'static str, key: &Key, error: &SdkError<E, R>) -> StoreError
where
    SdkError<E, R>: ProvideErrorMetadata,
    E: std::error::Error + 'static,
    R: std::fmt::Debug,
{
    let failure = trouble::of(format!("the state store can't {action} '{key}'"), error);
    match failure.kind {
        opsctl_core::FailureKind::Authentication => refused(failure),
        _ => StoreError::Unavailable {
            action,
            key: key.clone(),
            reason: trouble::words(error),
        },
    }
}

fn refused(failure: Failure) -> StoreError {
    StoreError::Refused(Box::new(failure))
}

#[async_trait]
impl StateStore for S3Store {
    async fn create(&self, key: &Key, bytes: &[u8]) -> Result<(), StoreError> {
        let client = self.stamped().await?;
        let nothing = Expected::Nothing;
        self.put(client, key, key.as_str(), bytes.to_vec(), &nothing)
            .await
    }

    async fn read(&self, key: &Key) -> Result<Option<Vec<u8>>, StoreError> {
        let client = self.client().await?;
        let found = self.get(client, key, key.as_str()).await?;
        Ok(found.map(|found| found.bytes))
    }

    async fn list(&self, below: &Key) -> Result<Vec<Key>, StoreError> {
        let client = self.client().await?;
        let prefix = match below.as_str() {
            "" => String::new(),
            folder => format!("{folder}/"),
        };
        let listed = client
            .list_objects_v2()
            .bucket(self.bucket(below))
            .prefix(prefix);
        let mut pages = listed.into_paginator().send();
        let mut keys = Vec::new();
        while let Some(page) = pages.next().await {
            let page = page.map_err(|error| unavailable("list", below, &error))?;
            let names = page.contents().iter().filter_map(|object| object.key());
            let objects = names.filter(|name| !name.ends_with(REGISTER));
            keys.extend(objects.map(|name| Key::of(&name.split('/').collect::<Vec<_>>())));
        }
        keys.sort();
        Ok(keys)
    }

    async fn delete(&self, key: &Key) -> Result<(), StoreError> {
        let client = self.client().await?;
        let deleted = client
            .delete_object()
            .bucket(self.bucket(key))
            .key(key.as_str())
            .send();
        deleted
            .await
            .map(|_| ())
            .map_err(|error| unavailable("delete", key, &error))
    }

    async fn load(&self, key: &Key) -> Result<(Generation, Option<Vec<u8>>), StoreError> {
        registers::load(self, self.client().await?, key).await
    }

    async fn swap(
        &self,
        key: &Key,
        expected: Generation,
        bytes: &[u8],
    ) -> Result<Generation, StoreError> {
        registers::swap(self, self.stamped().await?, key, expected, bytes).await
    }
}
