//! The application's own way to the cache.

use opsctl_core::ports::SecretValue;
use opsctl_core::secret::Secret;
use opsctl_core::secrets::SecretKind;
use opsctl_core::{Failure, Result};

use crate::account::Aws;
use crate::secrets::Vault;

/// All of `REDIS_URL`, comma between them, as the application reads it now.
///
/// # Errors
/// When the secret has no value, or can't be read.
pub async fn cache_address(aws: &Aws) -> Result<Secret<String>> {
    let name = aws.settings().secret(SecretKind::Redis.as_str());
    let current = Vault::of(aws.clone()).current(SecretKind::Redis).await?;
    match current.and_then(|(_, document)| document.value(SecretKind::Redis)) {
        Some(SecretValue::Text(addresses)) => Ok(addresses),
        Some(SecretValue::Login { .. }) | None => Err(Failure::refused(format!(
            "the secret '{name}' has no value"
        ))
        .cause("it is the application's way to the cache")
        .left("nothing was changed")
        .hint("opsctl secrets rotate redis --from-stdin, or give --url to ask the application")),
    }
}
