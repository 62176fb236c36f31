//! The chain: each document names the hash of the one before it.

use sha2::{Digest, Sha256};

use super::{Evidence, EvidenceKey, EvidenceVerdict, render};
use crate::failure::{Failure, FailureKind, Result};
use crate::names::OperationId;
use crate::state::{Key, StateStore, StoreError, decode, encode};

/// A document of the chain, as it lies in the store.
#[derive(Debug, Clone)]
pub struct Entry {
    /// Where.
    pub key: Key,
    /// The bytes that the next document's hash covers.
    pub bytes: Vec<u8>,
}

impl Entry {
    /// The SHA-256 that the next document must name.
    #[must_use]
    pub fn sha256(&self) -> String {
        hex::encode(Sha256::digest(&self.bytes))
    }

    /// The place that the file's name claims.
    #[must_use]
    pub fn sequence(&self) -> Option<u64> {
        self.key.name().strip_suffix(".json")?.parse().ok()
    }

    /// The document.
    ///
    /// # Errors
    /// When it can't be read.
    pub fn document(&self) -> Result<Evidence> {
        decode(&self.key, &self.bytes)
    }
}

/// Every document, in the order of the chain.
///
/// # Errors
/// When the store can't be read.
pub async fn list(store: &dyn StateStore) -> Result<Vec<Entry>> {
    let mut entries = Vec::new();
    for key in store.list(&Key::evidence()).await? {
        if key.name().ends_with(".json")
            && let Some(bytes) = store.read(&key).await?
        {
            entries.push(Entry { key, bytes });
        }
    }
    entries.sort_by_key(|entry| entry.sequence().unwrap_or(u64::MAX));
    Ok(entries)
}

/// The document that an operation left, if it did.
///
/// # Errors
/// When the store can't be read.
pub async fn find(store: &dyn StateStore, operation: &OperationId) -> Result<Option<Entry>> {
    let entries = list(store).await?;
    let of_ours = |entry: &Entry| {
        entry
            .document()
            .is_ok_and(|found| found.operation == *operation)
    };
    Ok(entries.into_iter().rev().find(of_ours))
}

/// The newest document of that drill that passed.
///
/// # Errors
/// When the store can't be read.
pub async fn newest_passed(store: &dyn StateStore, drill: &str) -> Result<Option<Evidence>> {
    let documents = list(store)
        .await?
        .into_iter()
        .rev()
        .filter_map(|entry| entry.document().ok());
    let passed =
        |found: &Evidence| found.verdict == EvidenceVerdict::Passed && found.drill == drill;
    Ok(documents.into_iter().find(passed))
}

/// Signs the document, puts it at the end of the chain, and its readable report beside it.
///
/// # Errors
/// When the store can't be written. Losing the place to another drill is no error: the next is taken.
pub async fn append(
    store: &dyn StateStore,
    key: &EvidenceKey,
    mut document: Evidence,
) -> Result<Entry> {
    const ATTEMPTS: usize = 100;
    for _ in 0..ATTEMPTS {
        let last = list(store).await?.pop();
        document.sequence = last.as_ref().and_then(Entry::sequence).unwrap_or(0) + 1;
        document.previous_sha256 = last
            .as_ref()
            .map_or_else(|| Evidence::NOTHING.to_owned(), Entry::sha256);
        key.sign(&mut document)?;
        let place = Key::evidence().join(&format!("{:06}.json", document.sequence));
        let bytes = encode(&document)?;
        match store.create(&place, &bytes).await {
            Ok(()) => {
                write_report(store, &document).await?;
                return Ok(Entry { key: place, bytes });
            }
            Err(StoreError::Conflict(_)) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(Failure::new(
        FailureKind::Locked,
        "the evidence chain is written by too many at once",
    )
    .hint("try again"))
}

async fn write_report(store: &dyn StateStore, document: &Evidence) -> Result<()> {
    let place = Key::evidence().join(&format!("{:06}.md", document.sequence));
    match store.create(&place, render(document).as_bytes()).await {
        Ok(()) | Err(StoreError::Conflict(_)) => Ok(()),
        Err(error) => Err(error.into()),
    }
}
