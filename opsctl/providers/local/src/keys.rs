//! The evidence key in a file that its owner alone can read.

use std::io::ErrorKind;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use async_trait::async_trait;
use opsctl_core::evidence::EvidenceKey;
use opsctl_core::ports::EvidenceKeys;
use opsctl_core::secret::Secret;
use opsctl_core::{Failure, Result};

use crate::state::create_new;

/// `keys/evidence.key` in the environment's folder: 32 random bytes, in hexadecimal.
#[derive(Debug, Clone)]
pub struct KeyFile {
    path: PathBuf,
}

impl KeyFile {
    /// The key of the environment whose folder is `environment`.
    #[must_use]
    pub fn below(environment: &Path) -> Self {
        Self {
            path: environment.join("keys/evidence.key"),
        }
    }

    fn load_or_make(&self) -> Result<EvidenceKey> {
        let seed: [u8; 32] = rand::random();
        let fresh = Secret::new(format!("{}\n", hex::encode(seed)));
        match create_new(&self.path, fresh.expose().as_bytes()) {
            Ok(()) => Ok(EvidenceKey::from_seed(&Secret::new(seed))),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => self.load(),
            Err(error) => Err(self.failure("can't be made").because(error)),
        }
    }

    fn load(&self) -> Result<EvidenceKey> {
        let metadata = std::fs::metadata(&self.path)
            .map_err(|error| self.failure("can't be read").because(error))?;
        if metadata.permissions().mode() & 0o077 != 0 {
            return Err(self
                .failure("can be read by others")
                .hint(format!("chmod 600 {}", self.path.display())));
        }
        let text = std::fs::read_to_string(&self.path)
            .map(Secret::new)
            .map_err(|error| self.failure("can't be read").because(error))?;
        let bytes = hex::decode(text.expose().trim())
            .ok()
            .and_then(|b| b.try_into().ok());
        let seed = bytes.ok_or_else(|| self.failure("is not 64 hexadecimal digits"))?;
        Ok(EvidenceKey::from_seed(&Secret::new(seed)))
    }

    fn failure(&self, what: &str) -> Failure {
        Failure::failed(format!("the evidence key {} {what}", self.path.display()))
            .left("no evidence was written")
    }
}

#[async_trait]
impl EvidenceKeys for KeyFile {
    async fn signing_key(&self) -> Result<EvidenceKey> {
        let file = self.clone();
        tokio::task::spawn_blocking(move || file.load_or_make())
            .await
            .map_err(|error| self.failure("can't be read").because(error))?
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_key_stays_the_same_and_is_its_owners_alone() {
        let folder = tempfile::tempdir().unwrap();
        let file = KeyFile::below(folder.path());
        let first = file.signing_key().await.unwrap().public_key();
        assert_eq!(file.signing_key().await.unwrap().public_key(), first);
        let mode = std::fs::metadata(&file.path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[tokio::test]
    async fn a_key_that_others_may_read_is_refused_with_the_cure() {
        let folder = tempfile::tempdir().unwrap();
        let file = KeyFile::below(folder.path());
        file.signing_key().await.unwrap();
        let open = std::fs::Permissions::from_mode(0o644);
        std::fs::set_permissions(&file.path, open).unwrap();
        let failure = file.signing_key().await.unwrap_err();
        assert!(failure.hints[0].starts_with("chmod 600"), "{failure:?}");
    }
}
