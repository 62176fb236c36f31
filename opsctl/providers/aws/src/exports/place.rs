//! The bucket: names of objects, manifests, and what there is of a dump.

use std::time::Duration;

use aws_config::timeout::TimeoutConfig;
use aws_sdk_s3::Client;
use aws_sdk_s3::config::Builder;
use aws_sdk_s3::error::ProvideErrorMetadata;
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::ServerSideEncryption;
use opsctl_core::names::BackupId;
use opsctl_core::{Failure, Result};

use super::manifest::{Found, Manifest};
use crate::account::{Aws, CONNECT, Side};
use crate::trouble;

/// What all names begin with.
pub const FOLDER: &str = "exports/";
const DUMP: &str = "dump";

/// One attempt of a call that may take long.
const ATTEMPT: Duration = Duration::from_secs(10 * 60);
const MANIFEST: &str = "manifest.json";

/// The bucket of backups.
pub struct Place {
    pub client: Client,
    /// For what may take long: a part on its way to another region, thousands of parts put together.
    pub patient: Client,
    pub bucket: String,
    /// Whether a dump may lie there in the clear: of an environment whose copies do as well.
    pub in_the_clear: InTheClear,
}

/// Whether a dump may lie there unencrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InTheClear {
    Allowed,
    Refused,
}

/// What is found under a manifest's name.
pub enum Kept {
    Nothing,
    Unreadable(String),
    Manifest(Box<Found>),
}

/// A dump that was put together.
pub struct DumpObject {
    pub bytes: u64,
    pub encrypted: bool,
}

pub fn dump_of(id: &BackupId) -> String {
    format!("{FOLDER}{id}/{DUMP}")
}

pub fn manifest_of(id: &BackupId) -> String {
    format!("{FOLDER}{id}/{MANIFEST}")
}

/// Whose an object is.
pub fn owner(key: &str) -> Option<BackupId> {
    let (id, _) = key.strip_prefix(FOLDER)?.split_once('/')?;
    BackupId::new(id).ok()
}

/// Whether S3 encrypts by a key of KMS.
pub fn is_encrypted(told: Option<&ServerSideEncryption>) -> bool {
    matches!(
        told,
        Some(ServerSideEncryption::AwsKms | ServerSideEncryption::AwsKmsDsse)
    )
}

impl Place {
    pub async fn of(aws: &Aws) -> Result<Self> {
        let (settings, config) = (aws.settings(), aws.config(Side::Backup).await?);
        let patient = Builder::from(&config).timeout_config(
            TimeoutConfig::builder()
                .connect_timeout(CONNECT)
                .operation_attempt_timeout(ATTEMPT)
                .build(),
        );
        Ok(Self {
            client: Client::new(&config),
            patient: Client::from_conf(patient.build()),
            bucket: settings.buckets.backups.clone(),
            in_the_clear: match settings.copy_key {
                Some(_) => InTheClear::Refused,
                None => InTheClear::Allowed,
            },
        })
    }

    /// Everybody who has something there, in order.
    pub async fn owners(&self) -> Result<Vec<BackupId>> {
        let asked = self
            .client
            .list_objects_v2()
            .bucket(&self.bucket)
            .prefix(FOLDER);
        let mut pages = asked.into_paginator().send();
        let mut owners = Vec::new();
        while let Some(page) = pages.next().await {
            let page = page.map_err(|error| trouble::of("can't list the exports", &error))?;
            owners.extend(page.contents().iter().filter_map(|it| owner(it.key()?)));
        }
        owners.dedup();
        Ok(owners)
    }

    pub async fn manifest(&self, id: &BackupId) -> Result<Kept> {
        let what = format!("can't read the manifest of export '{id}'");
        let asked = self.client.get_object().bucket(&self.bucket);
        let answer = match asked.key(manifest_of(id)).send().await {
            Ok(answer) => answer,
            Err(error) if error.code() == Some("NoSuchKey") => return Ok(Kept::Nothing),
            Err(error) => return Err(trouble::of(what, &error)),
        };
        let bytes = answer.body.collect().await;
        let bytes = bytes.map_err(|error| Failure::failed(what).because(error))?;
        Ok(match Found::read(&bytes.into_bytes()) {
            Ok(found) => Kept::Manifest(Box::new(found)),
            Err(why) => Kept::Unreadable(why),
        })
    }

    pub async fn write(&self, manifest: &Manifest) -> Result<()> {
        let id = &manifest.id;
        let put = self.client.put_object().bucket(&self.bucket);
        let put = put
            .key(manifest_of(id))
            .content_type("application/json")
            .body(ByteStream::from(manifest.written()?));
        let sent = put.send().await;
        sent.map(drop).map_err(|error| {
            trouble::of(format!("can't write the manifest of export '{id}'"), &error)
        })
    }

    /// The dump, where it was put together.
    pub async fn dump(&self, id: &BackupId) -> Result<Option<DumpObject>> {
        let asked = self.client.head_object().bucket(&self.bucket);
        match asked.key(dump_of(id)).send().await {
            Ok(told) => Ok(Some(DumpObject {
                bytes: told.content_length().unwrap_or_default().unsigned_abs(),
                encrypted: is_encrypted(told.server_side_encryption()),
            })),
            Err(error) if error.as_service_error().is_some_and(|it| it.is_not_found()) => Ok(None),
            Err(error) => Err(trouble::of(format!("can't look at export '{id}'"), &error)),
        }
    }

    /// The dump goes first: a manifest without one is seen and cleared away, a dump without one never would be.
    pub async fn delete(&self, id: &BackupId) -> Result<()> {
        for key in [dump_of(id), manifest_of(id)] {
            let gone = self.client.delete_object().bucket(&self.bucket).key(key);
            let sent = gone.send().await;
            sent.map_err(|error| trouble::of(format!("can't delete export '{id}'"), &error))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whose_an_object_is_stands_in_its_name() {
        let id = BackupId::new("backup-export-1").unwrap();
        assert_eq!(owner(&dump_of(&id)), Some(id.clone()));
        assert_eq!(owner(&manifest_of(&id)), Some(id));
        assert_eq!(owner("elsewhere/backup-export-1/dump"), None);
        assert_eq!(owner("exports/alone"), None);
    }
}
