//! The keys that sign tokens. One signs; the one before it still reads, so that a rotation logs nobody out, and the one after it
//! reads already, so that no process meets a token of another that is a step ahead. A key's id is part of its hash: every process
//! derives the same one, and it gives nothing away.

use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};

use crate::config::{JwtKeys, Secret};
use crate::http::ApiError;

struct Key {
    id: String,
    encoding: EncodingKey,
    decoding: DecodingKey,
}

impl Key {
    fn new(secret: &Secret) -> Self {
        let bytes = secret.reveal().as_bytes();
        let digest = Sha256::digest([b"key id ".as_slice(), bytes].concat());
        Self {
            id: digest[..8]
                .iter()
                .map(|byte| format!("{byte:02x}"))
                .collect(),
            encoding: EncodingKey::from_secret(bytes),
            decoding: DecodingKey::from_secret(bytes),
        }
    }
}

/// Every key that holds now.
pub(super) struct Keys {
    current: Key,
    only_read: Vec<Key>,
}

impl Keys {
    pub fn new(keys: &JwtKeys) -> Self {
        let only_read = [&keys.previous, &keys.next];
        Self {
            current: Key::new(&keys.current),
            only_read: only_read.into_iter().flatten().map(Key::new).collect(),
        }
    }

    pub fn sign(&self, claims: &impl Serialize) -> Result<String, ApiError> {
        let mut header = Header::new(Algorithm::HS256);
        header.kid = Some(self.current.id.clone());
        jsonwebtoken::encode(&header, claims, &self.current.encoding)
            .map_err(|error| ApiError::Internal(format!("a token cannot be signed: {error}")))
    }

    /// The claims, when a key that holds signed them. A token that names no key is tried with each.
    pub fn read<T: DeserializeOwned>(&self, token: &str, validation: &Validation) -> Option<T> {
        let named = jsonwebtoken::decode_header(token).ok()?.kid;
        let fits = |key: &&Key| named.as_ref().is_none_or(|id| *id == key.id);
        std::iter::once(&self.current)
            .chain(&self.only_read)
            .filter(fits)
            .find_map(|key| jsonwebtoken::decode(token, &key.decoding, validation).ok())
            .map(|data| data.claims)
    }
}
