//! What the pods of a local environment are handed: elsewhere they read their secrets themselves, with their own role.

use async_trait::async_trait;

use crate::failure::Result;
use crate::workloads::{Object, ObjectRef};

/// The Secrets that pods mount. Their values go to the API server and nowhere else: no plan, journal or output holds them.
#[async_trait]
pub trait PodSecrets: Send + Sync {
    /// The names of all of them.
    fn names(&self) -> Vec<ObjectRef>;

    /// All of them with their values, as they are to be now.
    ///
    /// # Errors
    /// When a value can't be found or made.
    async fn objects(&self) -> Result<Vec<Object>>;
}
