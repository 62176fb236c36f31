//! Registers: an object that carries how often it was written, replaced only while it is what was read.

use std::collections::HashMap;

use aws_sdk_s3::Client;
use opsctl_core::state::{Generation, Key, StoreError};

use super::store::{Expected, Found, REGISTER, S3Store};

/// The metadata that counts the writes.
const GENERATION: &str = "generation";

/// The value and its generation.
pub async fn load(
    store: &S3Store,
    client: &Client,
    key: &Key,
) -> Result<(Generation, Option<Vec<u8>>), StoreError> {
    let found = store.get(client, key, &name(key)).await?;
    match found {
        None => Ok((0, None)),
        Some(found) => Ok((generation(key, &found)?, Some(found.bytes))),
    }
}

/// Writes the value if the generation is still the expected one.
pub async fn swap(
    store: &S3Store,
    client: &Client,
    key: &Key,
    expected: Generation,
    bytes: &[u8],
) -> Result<Generation, StoreError> {
    let conflict = || StoreError::Conflict(key.clone());
    let against = match store.get(client, key, &name(key)).await? {
        None if expected == 0 => Expected::Nothing,
        Some(found) if generation(key, &found)? == expected => Expected::Tag(found.tag),
        _ => return Err(conflict()),
    };
    let next = expected + 1;
    let metadata = HashMap::from([(GENERATION.to_owned(), next.to_string())]);
    store
        .put(client, key, &name(key), bytes.to_vec(), &against, metadata)
        .await?;
    Ok(next)
}

fn name(key: &Key) -> String {
    format!("{key}{REGISTER}")
}

fn generation(key: &Key, found: &Found) -> Result<Generation, StoreError> {
    let counted = found
        .metadata
        .get(GENERATION)
        .and_then(|text| text.parse().ok());
    counted.ok_or_else(|| StoreError::Unavailable {
        action: "read",
        key: key.clone(),
        reason: "it does not say how often it was written".into(),
    })
}
