//! Checking the chain offline: edits, removals, reordering, strangers' signatures.

use serde_json::Value;

use super::sign::{check, key_id};
use super::{Entry, Evidence};
use crate::environment::TrustedKey;

/// Something wrong with the chain.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Fault {
    /// The document, by its file's name.
    pub document: String,
    /// What is wrong, in words.
    pub detail: String,
}

/// What is known of the chain's end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Head {
    /// It is the one that the anchor names.
    Proven,
    /// No anchor was given: whole documents may be missing at the end.
    NotProven,
    /// The anchor names another one.
    Wrong,
}

/// What verification found.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Chain {
    /// How many documents there are.
    pub documents: usize,
    /// The hash of the newest: an anchor to keep elsewhere.
    pub head_sha256: String,
    /// What is known of the end.
    pub head: Head,
    /// Everything that is wrong.
    pub faults: Vec<Fault>,
}

impl Chain {
    /// True when nothing is wrong; the end may still be unproven.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.faults.is_empty() && self.head != Head::Wrong
    }
}

/// Checks the chain against the keys that are trusted and, where given, the anchor of its end.
#[must_use]
pub fn verify(entries: &[Entry], trusted: &[TrustedKey], anchor: Option<&str>) -> Chain {
    let mut faults = Vec::new();
    let mut previous = Evidence::NOTHING.to_owned();
    for (index, entry) in entries.iter().enumerate() {
        let mut say = |detail: String| {
            faults.push(Fault {
                document: entry.key.name().to_owned(),
                detail,
            });
        };
        match serde_json::from_slice::<Value>(&entry.bytes) {
            Err(error) => say(format!("it can't be read: {error}")),
            Ok(found) => {
                place(&found, entry, index, &previous)
                    .into_iter()
                    .for_each(&mut say);
                signature(&found, trusted).into_iter().for_each(&mut say);
            }
        }
        previous = entry.sha256();
    }
    let head = match anchor {
        None => Head::NotProven,
        Some(anchor) if anchor.eq_ignore_ascii_case(&previous) => Head::Proven,
        Some(_) => Head::Wrong,
    };
    if head == Head::Wrong {
        faults.push(Fault {
            document: "the end".into(),
            detail: "the anchor names another newest document: some were removed or added".into(),
        });
    }
    Chain {
        documents: entries.len(),
        head_sha256: previous,
        head,
        faults,
    }
}

fn place(found: &Value, entry: &Entry, index: usize, previous: &str) -> Vec<String> {
    let mut faults = Vec::new();
    let expected = index as u64 + 1;
    if entry.sequence() != Some(expected) {
        faults.push(format!(
            "document {expected} should stand here: one was removed or renamed"
        ));
    }
    if found.get("sequence").and_then(Value::as_u64) != entry.sequence() {
        faults.push("it says that it stands elsewhere in the chain".into());
    }
    if found.get("previous_sha256").and_then(Value::as_str) != Some(previous) {
        faults.push("the document before it is not the one that it was written after".into());
    }
    faults
}

fn signature(found: &Value, trusted: &[TrustedKey]) -> Option<String> {
    let signer = found
        .get("signature")
        .and_then(|s| s.get("key_id"))
        .and_then(Value::as_str);
    let Some(signer) = signer else {
        return Some("it is not signed".into());
    };
    let fits = |key: &&TrustedKey| {
        // The id is only a label: it must be the key's own, or a label could vouch for another key.
        key.id == signer && hex::decode(&key.public_key).is_ok_and(|bytes| key_id(&bytes) == key.id)
    };
    match trusted.iter().find(fits) {
        None => Some(format!(
            "it is signed by {signer}, which opsctl.yaml does not trust"
        )),
        Some(key) => check(found, &key.public_key).err(),
    }
}
