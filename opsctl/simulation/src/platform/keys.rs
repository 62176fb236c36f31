//! The simulated signing key.

use async_trait::async_trait;
use opsctl_core::Result;
use opsctl_core::evidence::EvidenceKey;
use opsctl_core::ports::EvidenceKeys;
use opsctl_core::secret::Secret;

use super::Platform;

#[async_trait]
impl EvidenceKeys for Platform {
    async fn signing_key(&self) -> Result<EvidenceKey> {
        Ok(EvidenceKey::from_seed(&Secret::new([7; 32])))
    }
}
