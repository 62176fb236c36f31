//! An upload in parts: one part in memory, nothing on a disk, and nothing left that is paid for when it is given up.

use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{CompletedMultipartUpload, CompletedPart};
use opsctl_core::clock::Timestamp;
use opsctl_core::names::BackupId;
use opsctl_core::{Failure, Result};
use sha2::{Digest, Sha256};

use super::manifest::Parts;
use super::place::{FOLDER, InTheClear, Place, dump_of, is_encrypted, owner};
use crate::{moments, trouble};

/// S3 takes ten thousand parts; a few are kept for a dump that is larger than its database.
const MOST_PARTS: u64 = 9_000;
/// The smallest part of ours; S3 takes none below 5 MiB but the last.
const SMALLEST: u64 = 8 * 1024 * 1024;

/// An upload under way.
pub struct Upload<'p> {
    place: &'p Place,
    key: String,
    parts: Parts,
    part_bytes: usize,
    held: Vec<u8>,
    sum: Sha256,
    pub bytes: u64,
}

/// One that somebody began.
pub struct Begun {
    pub key: String,
    pub owner: BackupId,
    pub id: String,
    pub at: Option<Timestamp>,
}

/// So large that the whole fits into as many parts as S3 takes.
fn part_bytes(expected: u64) -> usize {
    let bytes = expected.div_ceil(MOST_PARTS).max(SMALLEST);
    usize::try_from(bytes).unwrap_or(usize::MAX)
}

impl<'p> Upload<'p> {
    /// Begins one for about so many bytes.
    pub async fn begin(place: &'p Place, id: &BackupId, expected: u64) -> Result<Self> {
        let key = dump_of(id);
        let asked = place.client.create_multipart_upload().bucket(&place.bucket);
        let told =
            asked.key(&key).send().await.map_err(|error| {
                trouble::of(format!("can't begin to write export '{id}'"), &error)
            })?;
        let upload = Self {
            place,
            key,
            parts: Parts {
                id: told.upload_id().unwrap_or_default().to_owned(),
                tags: Vec::new(),
            },
            part_bytes: part_bytes(expected),
            held: Vec::new(),
            sum: Sha256::new(),
            bytes: 0,
        };
        // The bucket's own setting says by which key.
        if place.in_the_clear == InTheClear::Refused && !is_encrypted(told.server_side_encryption())
        {
            upload.abort().await;
            return Err(in_the_clear(&place.bucket));
        }
        Ok(upload)
    }

    /// Adds what comes next.
    pub async fn add(&mut self, piece: &[u8]) -> Result<()> {
        self.sum.update(piece);
        self.bytes += piece.len() as u64;
        let mut rest = piece;
        while !rest.is_empty() {
            let room = self.part_bytes - self.held.len();
            let (now, later) = rest.split_at(room.min(rest.len()));
            self.held.extend_from_slice(now);
            rest = later;
            if self.held.len() == self.part_bytes {
                self.send().await?;
            }
        }
        Ok(())
    }

    async fn send(&mut self) -> Result<()> {
        let number = i32::try_from(self.parts.tags.len() + 1).unwrap_or(i32::MAX);
        let held = std::mem::take(&mut self.held);
        let part = self.place.patient.upload_part().bucket(&self.place.bucket);
        let sent = part
            .key(&self.key)
            .upload_id(&self.parts.id)
            .part_number(number)
            .body(ByteStream::from(held))
            .send()
            .await
            .map_err(|error| {
                trouble::of(format!("can't write part {number} of the dump"), &error)
            })?;
        self.parts
            .tags
            .push(sent.e_tag().unwrap_or_default().to_owned());
        Ok(())
    }

    /// Sends what is left: all parts are there. Their sum.
    pub async fn end(&mut self) -> Result<(Parts, String)> {
        if !self.held.is_empty() || self.parts.tags.is_empty() {
            self.send().await?;
        }
        let sum = hex::encode(std::mem::take(&mut self.sum).finalize());
        Ok((self.parts.clone(), sum))
    }

    /// Gives it up. What can't be given up now is by the next export.
    pub async fn abort(&self) {
        let _ = abort(self.place, &self.key, &self.parts.id).await;
    }
}

fn in_the_clear(bucket: &str) -> Failure {
    Failure::refused(format!(
        "bucket '{bucket}' does not encrypt by a key of KMS"
    ))
    .cause("an export holds everything that the database does")
    .left("nothing was written")
    .hint("aws s3api get-bucket-encryption; module storage of infra/terraform sets it")
}

/// Gives an upload up; one that is gone is no error.
pub async fn abort(place: &Place, key: &str, id: &str) -> Result<()> {
    let asked = place.client.abort_multipart_upload().bucket(&place.bucket);
    match asked.key(key).upload_id(id).send().await {
        Ok(_) => Ok(()),
        Err(error) if trouble::is(&error, "NoSuchUpload") => Ok(()),
        Err(error) => Err(trouble::of(
            "can't give up an upload that was begun",
            &error,
        )),
    }
}

/// Puts the parts together. An answer that was lost is told by what is there.
pub async fn complete(place: &Place, id: &BackupId, parts: &Parts, bytes: u64) -> Result<()> {
    let numbered = parts.tags.iter().zip(1..).map(|(tag, number)| {
        let part = CompletedPart::builder().part_number(number).e_tag(tag);
        part.build()
    });
    let all = CompletedMultipartUpload::builder().set_parts(Some(numbered.collect()));
    let asked = place
        .patient
        .complete_multipart_upload()
        .bucket(&place.bucket);
    let sent = asked
        .key(dump_of(id))
        .upload_id(&parts.id)
        .multipart_upload(all.build())
        .send()
        .await;
    let Err(error) = sent else {
        return Ok(());
    };
    match place.dump(id).await? {
        Some(found) if found.bytes == bytes => Ok(()),
        _ => Err(trouble::of(
            format!("can't put export '{id}' together"),
            &error,
        )),
    }
}

/// The uploads of that export which somebody began and nobody ended.
pub async fn begun_of(place: &Place, id: &BackupId) -> Result<Vec<Begun>> {
    begun(place, &dump_of(id)).await
}

/// Those of all exports.
pub async fn begun_of_all(place: &Place) -> Result<Vec<Begun>> {
    begun(place, FOLDER).await
}

async fn begun(place: &Place, prefix: &str) -> Result<Vec<Begun>> {
    let (mut all, mut key, mut upload) = (Vec::new(), None, None);
    loop {
        let asked = place.client.list_multipart_uploads().bucket(&place.bucket);
        let told = asked
            .prefix(prefix)
            .set_key_marker(key)
            .set_upload_id_marker(upload)
            .send()
            .await
            .map_err(|error| trouble::of("can't list the uploads that were begun", &error))?;
        for it in told.uploads() {
            let (Some(key), Some(id)) = (it.key(), it.upload_id()) else {
                continue;
            };
            let Some(owner) = owner(key) else { continue };
            all.push(Begun {
                key: key.to_owned(),
                owner,
                id: id.to_owned(),
                at: moments::told(it.initiated()),
            });
        }
        if told.is_truncated() != Some(true) {
            return Ok(all);
        }
        key = told.next_key_marker().map(ToOwned::to_owned);
        upload = told.next_upload_id_marker().map(ToOwned::to_owned);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_as_small_as_may_be_and_never_too_many() {
        const GIB: u64 = 1 << 30;
        assert_eq!(part_bytes(0) as u64, SMALLEST);
        assert_eq!(part_bytes(GIB) as u64, SMALLEST);
        let large = part_bytes(4096 * GIB) as u64;
        assert!((4096 * GIB).div_ceil(large) <= 10_000, "{large}");
    }
}
