//! An answer that is written already: its JSON and its entity tag. Costs nothing to give out again.

use axum::body::Bytes;
use axum::http::HeaderValue;
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::ApiError;

/// Cheap to clone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Encoded {
    body: Bytes,
    tag: HeaderValue,
}

impl Encoded {
    pub fn of<T: Serialize>(value: &T) -> Result<Self, ApiError> {
        let body = serde_json::to_vec(value)
            .map_err(|error| ApiError::Internal(format!("an answer cannot be written: {error}")))?;
        Ok(Self::from_body(body.into()))
    }

    /// Of JSON that was written before. The tag is the hash of it, so it changes with everything that can be seen and with
    /// nothing else.
    pub fn from_body(body: Bytes) -> Self {
        let digest = Sha256::digest(&body);
        let mut tag = String::with_capacity(34);
        tag.push('"');
        for byte in &digest[..16] {
            for digit in [byte >> 4, byte & 15] {
                tag.push(char::from_digit(digit.into(), 16).unwrap_or('0'));
            }
        }
        tag.push('"');
        let tag = HeaderValue::try_from(tag).unwrap_or(HeaderValue::from_static("\"\""));
        Self { body, tag }
    }

    pub fn body(&self) -> &Bytes {
        &self.body
    }

    pub fn tag(&self) -> &HeaderValue {
        &self.tag
    }
}
