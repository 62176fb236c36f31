//! What is kept of a release: opened before anything is applied, closed with its verdict, never changed.

use std::collections::BTreeMap;
use std::fmt;

use super::gate::GateReport;
use crate::clock::Timestamp;
use crate::failure::{Failure, Result};
use crate::names::OperationId;
use crate::state::{Key, StateStore, StoreError, decode, encode};
use crate::workloads::{Object, ObjectRef};

/// The number of a release, from 1.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
)]
#[serde(transparent)]
pub struct ReleaseNumber(pub u32);

impl fmt::Display for ReleaseNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// How a release came about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case", tag = "from")]
pub enum Origin {
    /// From the manifests.
    Manifests,
    /// From what an earlier release applied.
    Release {
        /// That release.
        number: ReleaseNumber,
    },
}

/// A release as it begins.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Opened {
    /// Its number.
    pub number: ReleaseNumber,
    /// The operation that makes it: its journal says who, from where.
    pub operation: OperationId,
    /// When it began.
    pub at: Timestamp,
    /// The hash of the plan.
    pub plan_sha256: String,
    /// How it came about.
    pub origin: Origin,
    /// The images, by the name that the manifests use: references with their digests.
    pub images: BTreeMap<String, String>,
    /// What it applies.
    pub inventory: Vec<ObjectRef>,
}

impl Opened {
    /// The release whose manifests these are: its own number, unless it goes back to another.
    #[must_use]
    pub const fn origin_number(&self) -> ReleaseNumber {
        match self.origin {
            Origin::Manifests => self.number,
            Origin::Release { number } => number,
        }
    }
}

/// How a release ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// It serves.
    Succeeded,
    /// It failed, and what was before it serves again.
    RolledBack,
    /// It failed, and was kept on demand.
    Kept,
}

impl Verdict {
    /// The word for lists.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Succeeded => "succeeded",
            Self::RolledBack => "rolled back",
            Self::Kept => "failed, kept",
        }
    }
}

/// The end of a release.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Closed {
    /// When.
    pub at: Timestamp,
    /// How.
    pub verdict: Verdict,
    /// Why it failed; empty when it did not.
    pub causes: Vec<String>,
    /// What its gate saw.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub gate: Vec<GateReport>,
}

/// A release with what is known of its end.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Release {
    /// Its beginning.
    #[serde(flatten)]
    pub opened: Opened,
    /// Its end; `None` while its operation is open, or was abandoned.
    pub closed: Option<Closed>,
}

impl Release {
    /// Whether it came to serve.
    #[must_use]
    pub fn succeeded(&self) -> bool {
        let verdict = self.closed.as_ref().map(|closed| closed.verdict);
        verdict == Some(Verdict::Succeeded)
    }

    /// The word for lists.
    #[must_use]
    pub fn word(&self) -> &'static str {
        self.closed
            .as_ref()
            .map_or("open", |closed| closed.verdict.word())
    }
}

fn folder() -> Key {
    Key::of(&["releases"])
}

fn of(number: ReleaseNumber) -> Key {
    folder().join(&format!("{:06}", number.0))
}

/// Writes a record once; the same bytes again are no error, so that a killed run may repeat itself.
async fn once(store: &dyn StateStore, key: &Key, bytes: &[u8]) -> Result<()> {
    match store.create(key, bytes).await {
        Ok(()) => Ok(()),
        Err(StoreError::Conflict(_)) => match store.read(key).await? {
            Some(found) if found == bytes => Ok(()),
            _ => Err(StoreError::Conflict(key.clone()).into()),
        },
        Err(error) => Err(error.into()),
    }
}

/// Opens a release: its number is taken from now on, and what it applies is kept.
///
/// # Errors
/// When somebody else has that number, or the store can't be written.
pub async fn open(store: &dyn StateStore, opened: &Opened, objects: &[Object]) -> Result<()> {
    let key = of(opened.number);
    once(store, &key.join("manifests.json"), &encode(&objects)?).await?;
    once(store, &key.join("opened.json"), &encode(opened)?).await
}

/// Closes a release. Whoever closed it first was right.
///
/// # Errors
/// When the store can't be written.
pub async fn close(store: &dyn StateStore, number: ReleaseNumber, closed: &Closed) -> Result<()> {
    let key = of(number).join("closed.json");
    match store.create(&key, &encode(closed)?).await {
        Ok(()) | Err(StoreError::Conflict(_)) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

async fn find<T: serde::de::DeserializeOwned>(
    store: &dyn StateStore,
    key: &Key,
) -> Result<Option<T>> {
    let bytes = store.read(key).await?;
    bytes.map(|bytes| decode(key, &bytes)).transpose()
}

/// One release.
///
/// # Errors
/// When there is none of that number.
pub async fn show(store: &dyn StateStore, number: ReleaseNumber) -> Result<Release> {
    let key = of(number);
    let opened = find(store, &key.join("opened.json")).await?;
    let opened = opened.ok_or_else(|| {
        Failure::usage(format!("there is no release {number}")).hint("opsctl history")
    })?;
    let closed = find(store, &key.join("closed.json")).await?;
    Ok(Release { opened, closed })
}

/// Every release, the oldest first.
///
/// # Errors
/// When the store can't be read.
pub async fn history(store: &dyn StateStore) -> Result<Vec<Release>> {
    let mut releases = Vec::new();
    for key in store.list(&folder()).await? {
        let Some(number) = opened_by(&key) else {
            continue;
        };
        releases.push(show(store, number).await?);
    }
    Ok(releases)
}

/// The number in the key of an opening record.
fn opened_by(key: &Key) -> Option<ReleaseNumber> {
    let number = key.as_str().strip_suffix("/opened.json")?;
    number.rsplit('/').next()?.parse().ok().map(ReleaseNumber)
}

/// What a release applies.
///
/// # Errors
/// When the record is gone.
pub async fn manifests(store: &dyn StateStore, number: ReleaseNumber) -> Result<Vec<Object>> {
    let found = find(store, &of(number).join("manifests.json")).await?;
    found.ok_or_else(|| {
        Failure::failed(format!("the manifests of release {number} are gone"))
            .hint("opsctl history")
    })
}

/// Keeps what was seen of a failing release. Evidence that is there already stays: it is closer to the fault.
///
/// # Errors
/// When the store can't be written.
pub async fn keep_evidence<T: serde::Serialize>(
    store: &dyn StateStore,
    number: ReleaseNumber,
    evidence: &T,
) -> Result<()> {
    let key = of(number).join("evidence.json");
    match store.create(&key, &encode(evidence)?).await {
        Ok(()) | Err(StoreError::Conflict(_)) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// What was seen of a failing release.
///
/// # Errors
/// When the store can't be read.
pub async fn evidence<T: serde::de::DeserializeOwned>(
    store: &dyn StateStore,
    number: ReleaseNumber,
) -> Result<Option<T>> {
    find(store, &of(number).join("evidence.json")).await
}
