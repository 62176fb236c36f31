//! Signing, and the one spelling of a document that is signed.

use ed25519_dalek::{Signature as Ed25519, Signer, SigningKey, Verifier, VerifyingKey};
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::{Evidence, Signature};
use crate::failure::{Failure, Result};
use crate::secret::Secret;

/// The private key that signs evidence.
#[derive(Debug, Clone)]
pub struct EvidenceKey(Secret<SigningKey>);

impl EvidenceKey {
    /// The key made from 32 random bytes.
    #[must_use]
    pub fn from_seed(seed: &Secret<[u8; 32]>) -> Self {
        Self(Secret::new(SigningKey::from_bytes(seed.expose())))
    }

    /// The public half, 64 hexadecimal digits.
    #[must_use]
    pub fn public_key(&self) -> String {
        hex::encode(self.0.expose().verifying_key().as_bytes())
    }

    /// A password for `purpose` that whoever holds the key can make again, so that it is kept nowhere.
    #[must_use]
    pub fn derived(&self, purpose: &str) -> Secret<String> {
        // No document is spelled like this: they begin with a brace.
        let signature = self
            .0
            .expose()
            .sign(format!("password: {purpose}").as_bytes());
        Secret::new(hex::encode(Sha256::digest(signature.to_bytes())))
    }

    /// Signs the document; an older signature is replaced.
    ///
    /// # Errors
    /// When the document can't be written as JSON (a fault of the program).
    pub fn sign(&self, document: &mut Evidence) -> Result<()> {
        document.signature = None;
        let value = serde_json::to_value(&*document).map_err(|error| {
            Failure::failed("the evidence can't be written as JSON").because(error)
        })?;
        let signature = self.0.expose().sign(spelling(&value).as_bytes());
        document.signature = Some(Signature {
            algorithm: "ed25519".into(),
            key_id: key_id(self.0.expose().verifying_key().as_bytes()),
            value: hex::encode(signature.to_bytes()),
        });
        Ok(())
    }
}

/// The short name of a public key: the first 16 hexadecimal digits of its SHA-256.
#[must_use]
pub fn key_id(public_key: &[u8]) -> String {
    hex::encode(Sha256::digest(public_key))
        .chars()
        .take(16)
        .collect()
}

/// Checks the signature of a document as it was found, over every field that it holds: fields that this
/// version does not know are covered too.
///
/// # Errors
/// Says what is wrong with the signature or the key.
pub(super) fn check(found: &Value, public_key: &str) -> std::result::Result<(), String> {
    let field = |name: &str| found.get("signature")?.get(name)?.as_str();
    if field("algorithm") != Some("ed25519") {
        return Err("it is not signed with ed25519".into());
    }
    let bytes: [u8; 32] =
        decode(public_key).ok_or("the trusted key is not 64 hexadecimal digits")?;
    let key = VerifyingKey::from_bytes(&bytes).map_err(|error| error.to_string())?;
    let value: [u8; 64] = field("value")
        .and_then(decode)
        .ok_or("the signature is malformed")?;
    let mut signed = found.clone();
    if let Some(fields) = signed.as_object_mut() {
        fields.remove("signature");
    }
    key.verify(spelling(&signed).as_bytes(), &Ed25519::from_bytes(&value))
        .map_err(|_| "the signature does not fit the document".into())
}

/// Compact JSON with sorted keys: `Value` keeps its objects sorted.
fn spelling(value: &Value) -> String {
    value.to_string()
}

fn decode<const N: usize>(text: &str) -> Option<[u8; N]> {
    hex::decode(text).ok()?.try_into().ok()
}
