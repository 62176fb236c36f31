//! Where the key that signs evidence is kept.

use async_trait::async_trait;

use crate::evidence::EvidenceKey;
use crate::failure::Result;

/// The environment's signing key; it lies outside the evidence.
#[async_trait]
pub trait EvidenceKeys: Send + Sync {
    /// The key; made at the first call.
    ///
    /// # Errors
    /// When it can't be read or made, or when others may read it.
    async fn signing_key(&self) -> Result<EvidenceKey>;
}
