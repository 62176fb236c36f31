//! What keys are used for: signatures and encryption.

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

use super::{Held, key::digest_of};
use crate::endpoint::{Asked, Refusal};

const ALGORITHM: &str = "ECDSA_SHA_256";
/// How many letters a key's id has, which every ciphertext begins with.
const ID: usize = 36;
/// The most bytes of a message, and of what is encrypted.
const LONGEST: usize = 4096;

pub(super) fn sign(held: &mut Held, asked: &Asked) -> Result<Value, Refusal> {
    algorithm(asked)?;
    let digest = digest_of(&message(asked)?, asked.parameters.text("MessageType"))?;
    let key = held.key(asked)?;
    key.must_be_enabled()?;
    let signature = STANDARD.encode(key.sign(&digest)?);
    Ok(json!({"KeyId": key.arn(), "Signature": signature, "SigningAlgorithm": ALGORITHM}))
}

pub(super) fn verify(held: &mut Held, asked: &Asked) -> Result<Value, Refusal> {
    algorithm(asked)?;
    let digest = digest_of(&message(asked)?, asked.parameters.text("MessageType"))?;
    let signature = bytes(asked, "Signature")?;
    let key = held.key(asked)?;
    key.must_be_enabled()?;
    match key.verify(&digest, &signature)? {
        true => {
            Ok(json!({"KeyId": key.arn(), "SignatureValid": true, "SigningAlgorithm": ALGORITHM}))
        }
        false => Err(Refusal::new(
            "KMSInvalidSignatureException",
            "The signature is not valid.",
        )),
    }
}

pub(super) fn public_key(held: &mut Held, asked: &Asked) -> Result<Value, Refusal> {
    let key = held.key(asked)?;
    key.must_be_enabled()?;
    Ok(json!({
        "KeyId": key.arn(),
        "PublicKey": STANDARD.encode(key.public_key()?),
        "KeySpec": "ECC_NIST_P256",
        "KeyUsage": "SIGN_VERIFY",
        "SigningAlgorithms": [ALGORITHM],
    }))
}

pub(super) fn encrypt(held: &mut Held, asked: &Asked) -> Result<Value, Refusal> {
    let plain = bytes(asked, "Plaintext")?;
    short(&plain, "Plaintext")?;
    let key = held.key(asked)?;
    key.must_be_enabled()?;
    let blob = key.encrypt(&plain, &context(asked))?;
    Ok(json!({
        "KeyId": key.arn(),
        "CiphertextBlob": STANDARD.encode(blob),
        "EncryptionAlgorithm": "SYMMETRIC_DEFAULT",
    }))
}

/// The ciphertext says itself which key it needs; whoever names one must name the same.
pub(super) fn decrypt(held: &mut Held, asked: &Asked) -> Result<Value, Refusal> {
    let blob = bytes(asked, "CiphertextBlob")?;
    let invalid = || Refusal::new("InvalidCiphertextException", "The ciphertext is broken");
    let (id, rest) = blob.split_at_checked(ID).ok_or_else(invalid)?;
    let id = std::str::from_utf8(id).map_err(|_| invalid())?;
    if asked.parameters.text("KeyId").is_some() && held.key(asked)?.id != id {
        let message =
            "The key ID in the request does not identify a CMK that can perform this operation.";
        return Err(Refusal::new("IncorrectKeyException", message));
    }
    let key = held.keys.get(&(asked.home.clone(), id.to_owned()));
    let key = key.ok_or_else(invalid)?;
    key.must_be_enabled()?;
    let plain = key.decrypt(rest, &context(asked))?;
    Ok(json!({
        "KeyId": key.arn(),
        "Plaintext": STANDARD.encode(plain),
        "EncryptionAlgorithm": "SYMMETRIC_DEFAULT",
    }))
}

fn message(asked: &Asked) -> Result<Vec<u8>, Refusal> {
    let message = bytes(asked, "Message")?;
    short(&message, "Message")?;
    Ok(message)
}

fn short(bytes: &[u8], name: &str) -> Result<(), Refusal> {
    let message = format!("{name} must have between 1 and {LONGEST} bytes");
    let refusal = Refusal::new("ValidationException", message);
    match (1..=LONGEST).contains(&bytes.len()) {
        true => Ok(()),
        false => Err(refusal),
    }
}

fn bytes(asked: &Asked, name: &str) -> Result<Vec<u8>, Refusal> {
    let text = asked.parameters.text(name).unwrap_or_default();
    let decoded = STANDARD.decode(text);
    decoded.map_err(|_| Refusal::new("SerializationException", format!("{name} is not base64")))
}

fn context(asked: &Asked) -> String {
    let context = &asked.parameters.json()["EncryptionContext"];
    // A map of JSON is sorted, so that the order they were given in does not matter.
    if context.is_null() {
        String::new()
    } else {
        context.to_string()
    }
}

fn algorithm(asked: &Asked) -> Result<(), Refusal> {
    let given = asked
        .parameters
        .text("SigningAlgorithm")
        .unwrap_or_default();
    if given == ALGORITHM {
        return Ok(());
    }
    let message = format!("Algorithm {given} and key spec ECC_NIST_P256 are incompatible.");
    Err(Refusal::new("InvalidKeyUsageException", message))
}
