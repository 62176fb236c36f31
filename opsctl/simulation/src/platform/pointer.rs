//! The simulated descriptor.

use async_trait::async_trait;
use opsctl_core::guard::Permit;
use opsctl_core::ports::{Descriptor, Location, Pointer};
use opsctl_core::{Failure, FailureKind, Result};

use super::Platform;

#[async_trait]
impl Pointer for Platform {
    async fn read(&self) -> Result<Option<Descriptor>> {
        Ok(self.content().descriptor.clone())
    }

    async fn replace(&self, permit: &Permit<'_>, expected: u64, new: &Descriptor) -> Result<()> {
        permit.check()?;
        let mut content = self.content();
        let found = content.descriptor.as_ref().map_or(0, |d| d.generation);
        if found != expected {
            let what = format!("expected generation {expected}, found {found}");
            return Err(Failure::new(FailureKind::Locked, what));
        }
        content.descriptor = Some(new.clone());
        Ok(())
    }

    async fn administrator(&self, descriptor: &Descriptor) -> Result<Location> {
        Ok(descriptor.location.clone())
    }
}
