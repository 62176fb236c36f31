//! Damage on purpose: none can be done to a simulated database; real engines prove the verifier.

use async_trait::async_trait;
use opsctl_core::Result;
use opsctl_core::engine::Progress;
use opsctl_core::guard::Permit;
use opsctl_core::integrity::{Damage, Planted};
use opsctl_core::ports::{Copy, Saboteur};

use super::Platform;

#[async_trait]
impl Saboteur for Platform {
    /// There is nothing here that could be damaged as a real engine would be.
    async fn damage(
        &self,
        permit: &Permit<'_>,
        _: &Copy,
        _: &Damage,
        _: &Progress<'_>,
    ) -> Result<Option<Planted>> {
        permit.check()?;
        Ok(None)
    }
}
