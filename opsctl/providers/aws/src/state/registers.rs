//! Registers: an object that says how often it was written, replaced only while it is what was read.
//!
//! S3 compares contents, by their MD5: two generations with the same value would be one to it, and a writer that is behind would get
//! through. So the first line of each is the generation and a word of its own.

use aws_sdk_s3::Client;
use opsctl_core::state::{Generation, Key, StoreError};

use super::store::{Expected, REGISTER, S3Store};

/// The value and its generation.
pub async fn load(
    store: &S3Store,
    client: &Client,
    key: &Key,
) -> Result<(Generation, Option<Vec<u8>>), StoreError> {
    match store.get(client, key, &name(key)).await? {
        None => Ok((0, None)),
        Some(found) => {
            let (generation, value) = read(key, &found.bytes)?;
            Ok((generation, Some(value.to_vec())))
        }
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
        Some(found) if read(key, &found.bytes)?.0 == expected => Expected::Tag(found.tag),
        _ => return Err(conflict()),
    };
    let next = expected + 1;
    let written = written(next, bytes);
    store
        .put(client, key, &name(key), written, &against)
        .await?;
    Ok(next)
}

fn name(key: &Key) -> String {
    format!("{key}{REGISTER}")
}

fn written(generation: Generation, value: &[u8]) -> Vec<u8> {
    let own = uuid::Uuid::new_v4();
    let mut bytes = format!("{generation} {own}\n").into_bytes();
    bytes.extend_from_slice(value);
    bytes
}

fn read<'a>(key: &Key, bytes: &'a [u8]) -> Result<(Generation, &'a [u8]), StoreError> {
    let unreadable = || StoreError::Unavailable {
        action: "read",
        key: key.clone(),
        reason: "it does not say how often it was written".into(),
    };
    let end = bytes
        .iter()
        .position(|byte| *byte == b'\n')
        .ok_or_else(unreadable)?;
    let first = std::str::from_utf8(&bytes[..end]).map_err(|_| unreadable())?;
    let number = first.split(' ').next().and_then(|word| word.parse().ok());
    Ok((number.ok_or_else(unreadable)?, &bytes[end + 1..]))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_value_comes_back_as_it_was_and_no_two_writings_are_alike() {
        let key = Key::of(&["lock"]);
        let (one, other) = (written(7, b"a\nb"), written(7, b"a\nb"));
        assert_ne!(one, other);
        assert_eq!(read(&key, &one).unwrap(), (7, &b"a\nb"[..]));
        assert!(read(&key, b"no line").is_err());
        assert!(read(&key, b"x y\nvalue").is_err());
    }
}
