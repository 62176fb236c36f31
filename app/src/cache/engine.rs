//! What a place for copies can do. Engines never decide whether a copy still holds: that is in its key.

use std::fmt::Debug;
use std::sync::Arc;

use async_trait::async_trait;
use futures::future::BoxFuture;

use super::{Entry, Stamp, Subject};
use crate::http::ApiError;

/// What a copy is found by. A copy from before a change has another stamp, and is found by nobody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Key {
    pub subject: Subject,
    pub stamp: Stamp,
}

/// What there is to copy; none where there is nothing.
pub type Loaded = Result<Option<Arc<Entry>>, ApiError>;

/// Reads it from the database.
pub type Load<'a> = BoxFuture<'a, Loaded>;

/// Where copies are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    Nowhere,
    /// In the memory of this process.
    Here,
    /// Where every process has them.
    Shared,
    /// Where every process has them, but nobody can get there.
    OutOfReach,
}

/// A place for copies.
#[async_trait]
pub trait Engine: Debug + Send + Sync {
    fn place(&self) -> Place;

    /// A copy that nobody has to wait for.
    fn at_hand(&self, key: &Key) -> Option<Arc<Entry>>;

    /// A copy, or what `load` reads, which is kept. Of many who ask at once one reads.
    async fn find(&self, key: Key, load: Load<'_>) -> Loaded;

    /// Notes what has changed, to be told to whoever shares the place. What this process keeps is worthless already.
    fn owe(&self, subjects: &[Subject]);

    /// Tells it; what cannot be told at the moment is told later.
    async fn settle(&self);
}

/// Keeps nothing: `CACHE=none`.
#[derive(Debug)]
pub struct Off;

#[async_trait]
impl Engine for Off {
    fn place(&self) -> Place {
        Place::Nowhere
    }

    fn at_hand(&self, _key: &Key) -> Option<Arc<Entry>> {
        None
    }

    async fn find(&self, _key: Key, load: Load<'_>) -> Loaded {
        load.await
    }

    fn owe(&self, _subjects: &[Subject]) {}

    async fn settle(&self) {}
}
