//! The keys that sign tokens. One signs; the one before it still reads, so that a rotation logs nobody out, and the one after it
//! reads already, so that no process meets a token of another that is a step ahead. Each reads only what its own algorithm signed:
//! a public key is never taken for a secret. A key's id is part of a hash: every process derives the same one, and it gives
//! nothing away.

use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};

use crate::config::{JwtKeys, Secret, ed25519};
use crate::http::ApiError;

/// What stands before the 32 bytes of an Ed25519 key in PKCS #8.
const PKCS8_HEAD: [u8; 16] = [
    0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20,
];

struct Key {
    id: String,
    algorithm: Algorithm,
    encoding: EncodingKey,
    decoding: DecodingKey,
}

impl Key {
    fn new(secret: &Secret) -> Self {
        match ed25519(secret) {
            Some(Ok(key)) => Self::pair(&key),
            // What looks like a pair and is none is refused where it is read.
            Some(Err(_)) | None => Self::secret(secret.reveal().as_bytes()),
        }
    }

    fn secret(bytes: &[u8]) -> Self {
        Self {
            id: id(bytes),
            algorithm: Algorithm::HS256,
            encoding: EncodingKey::from_secret(bytes),
            decoding: DecodingKey::from_secret(bytes),
        }
    }

    fn pair(key: &ed25519_dalek::SigningKey) -> Self {
        let public = key.verifying_key().to_bytes();
        let private = [PKCS8_HEAD.as_slice(), key.as_bytes()].concat();
        Self {
            id: id(&public),
            algorithm: Algorithm::EdDSA,
            encoding: EncodingKey::from_ed_der(&private),
            decoding: DecodingKey::from_ed_der(&public),
        }
    }

    /// The public half, where there is one.
    fn public(&self) -> Option<Jwk> {
        if self.algorithm != Algorithm::EdDSA {
            return None;
        }
        let mut key = Jwk::from_encoding_key(&self.encoding, self.algorithm).ok()?;
        key.common.key_id = Some(self.id.clone());
        key.common.public_key_use = Some(jsonwebtoken::jwk::PublicKeyUse::Signature);
        Some(key)
    }

    fn read<T: DeserializeOwned>(&self, token: &str, validation: &Validation) -> Option<T> {
        let mut validation = validation.clone();
        validation.algorithms = vec![self.algorithm];
        let data = jsonwebtoken::decode(token, &self.decoding, &validation);
        data.ok().map(|data| data.claims)
    }
}

fn id(bytes: &[u8]) -> String {
    let digest = Sha256::digest([b"key id ".as_slice(), bytes].concat());
    digest[..8]
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
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

    fn all(&self) -> impl Iterator<Item = &Key> {
        std::iter::once(&self.current).chain(&self.only_read)
    }

    /// The public halves, for whoever wants to read tokens without being able to sign them.
    pub fn public(&self) -> Vec<Jwk> {
        self.all().filter_map(Key::public).collect()
    }

    pub fn sign(&self, claims: &impl Serialize) -> Result<String, ApiError> {
        let mut header = Header::new(self.current.algorithm);
        header.kid = Some(self.current.id.clone());
        jsonwebtoken::encode(&header, claims, &self.current.encoding)
            .map_err(|error| ApiError::Internal(format!("a token cannot be signed: {error}")))
    }

    /// The claims, when a key that holds signed them. A token that names no key is tried with each.
    pub fn read<T: DeserializeOwned>(&self, token: &str, validation: &Validation) -> Option<T> {
        let named = jsonwebtoken::decode_header(token).ok()?.kid;
        let fits = |key: &&Key| named.as_ref().is_none_or(|id| *id == key.id);
        self.all()
            .filter(fits)
            .find_map(|key| key.read(token, validation))
    }
}
