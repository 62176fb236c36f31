//! A dump as it lies there, a piece at a time, with its sum.

use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use aws_sdk_s3::primitives::ByteStream;
use opsctl_core::names::BackupId;
use opsctl_core::ports::Chunks;
use opsctl_core::{Failure, Result};
use sha2::{Digest, Sha256};

use super::place::{Place, dump_of};
use crate::trouble;

/// What went by.
#[derive(Clone, Default)]
pub struct Sum(Arc<Mutex<(u64, Sha256)>>);

impl Sum {
    fn add(&self, piece: &[u8]) {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        held.0 += piece.len() as u64;
        held.1.update(piece);
    }

    /// How many bytes, and their SHA-256.
    pub fn told(&self) -> (u64, String) {
        let held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        (held.0, hex::encode(held.1.clone().finalize()))
    }
}

/// The bytes.
pub struct Download {
    body: ByteStream,
    sum: Sum,
}

impl Download {
    pub async fn begin(place: &Place, id: &BackupId) -> Result<(Self, Sum)> {
        let asked = place.client.get_object().bucket(&place.bucket);
        let answer = asked.key(dump_of(id)).send().await;
        let answer =
            answer.map_err(|error| trouble::of(format!("can't read export '{id}'"), &error))?;
        let sum = Sum::default();
        let download = Self {
            body: answer.body,
            sum: sum.clone(),
        };
        Ok((download, sum))
    }
}

#[async_trait]
impl Chunks for Download {
    async fn next(&mut self) -> Result<Option<Vec<u8>>> {
        let Some(piece) = self.body.next().await else {
            return Ok(None);
        };
        let piece = piece.map_err(|error| Failure::failed("an export broke off").because(error))?;
        self.sum.add(&piece);
        Ok(Some(piece.to_vec()))
    }
}
