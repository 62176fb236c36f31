//! The key that signs evidence, in the environment's secrets: every runner signs with the same one.

use async_trait::async_trait;
use opsctl_core::evidence::EvidenceKey;
use opsctl_core::ports::EvidenceKeys;
use opsctl_core::secret::Secret;
use opsctl_core::secrets::SecretKind;
use opsctl_core::{Failure, Result};

use crate::account::Aws;
use crate::secret_values;

/// The secret `signing`: 32 random bytes, in hexadecimal.
#[derive(Debug, Clone)]
pub struct SecretKey {
    aws: Aws,
}

impl SecretKey {
    /// The key of that account's environment.
    #[must_use]
    pub const fn of(aws: Aws) -> Self {
        Self { aws }
    }
}

#[async_trait]
impl EvidenceKeys for SecretKey {
    async fn signing_key(&self) -> Result<EvidenceKey> {
        let name = self.aws.settings().secret(SecretKind::Signing.as_str());
        let seed: [u8; 32] = rand::random();
        let fresh = Secret::new(hex::encode(seed));
        let description = "Signs the evidence of drills";
        let text = secret_values::read_or_make(&self.aws, &name, description, fresh).await?;
        let bytes = hex::decode(text.expose().trim()).ok();
        let seed = bytes.and_then(|bytes| bytes.try_into().ok());
        let seed = seed.ok_or_else(|| {
            Failure::failed(format!("the secret '{name}' is not 64 hexadecimal digits"))
                .left("no evidence was written")
        })?;
        Ok(EvidenceKey::from_seed(&Secret::new(seed)))
    }
}
