//! A typed value under compare-and-swap.

use std::marker::PhantomData;

use serde::{Serialize, de::DeserializeOwned};

use super::{Generation, Key, StateStore, StoreError};
use crate::failure::{Failure, FailureKind, Result};

/// How a conditional write ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Swapped {
    /// It is written; this is the new generation.
    Done(Generation),
    /// Somebody else wrote first.
    Lost,
}

/// A register that holds JSON of one type.
pub struct Register<'a, T> {
    store: &'a dyn StateStore,
    key: Key,
    kind: PhantomData<fn() -> T>,
}

impl<'a, T: Serialize + DeserializeOwned + Send + Sync> Register<'a, T> {
    /// The register at `key`.
    #[must_use]
    pub fn at(store: &'a dyn StateStore, key: Key) -> Self {
        Self {
            store,
            key,
            kind: PhantomData,
        }
    }

    /// The value and its generation; `(0, None)` when it was never written.
    ///
    /// # Errors
    /// When the store can't be read, or what it holds is not of this type.
    pub async fn load(&self) -> Result<(Generation, Option<T>)> {
        let (generation, bytes) = self.store.load(&self.key).await?;
        let value = bytes.map(|bytes| decode(&self.key, &bytes)).transpose()?;
        Ok((generation, value))
    }

    /// Writes the value if the register is still at `expected`.
    ///
    /// # Errors
    /// When the store can't be written; losing the race is no error.
    pub async fn swap(&self, expected: Generation, value: &T) -> Result<Swapped> {
        match self.store.swap(&self.key, expected, &encode(value)?).await {
            Ok(generation) => Ok(Swapped::Done(generation)),
            Err(StoreError::Conflict(_)) => Ok(Swapped::Lost),
            Err(error) => Err(error.into()),
        }
    }
}

/// JSON of a record, for people too: indented, with a last newline.
///
/// # Errors
/// When the value can't be written as JSON (a fault of the program).
pub fn encode<T: Serialize>(value: &T) -> Result<Vec<u8>> {
    let mut bytes = serde_json::to_vec_pretty(value)
        .map_err(|error| Failure::failed("a record can't be written as JSON").because(error))?;
    bytes.push(b'\n');
    Ok(bytes)
}

/// Reads a record.
///
/// # Errors
/// Names the record and what is wrong with it.
pub fn decode<T: DeserializeOwned>(key: &Key, bytes: &[u8]) -> Result<T> {
    serde_json::from_slice(bytes).map_err(|error| {
        Failure::new(
            FailureKind::Unknown,
            format!("the record '{key}' can't be read"),
        )
        .because(error)
        .left("nothing was changed; the record is as it was found")
        .hint("opsctl doctor")
    })
}
