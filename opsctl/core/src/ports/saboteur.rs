//! Damage on purpose, in scratch copies alone: how the verifier proves itself.

use async_trait::async_trait;

use super::Copy;
use crate::engine::Progress;
use crate::failure::Result;
use crate::guard::Permit;
use crate::integrity::{Damage, Planted};

/// Damages a scratch copy.
#[async_trait]
pub trait Saboteur: Send + Sync {
    /// Does the damage, bypassing triggers and checks as a real fault would; the seed decides where.
    /// `None` when the database holds nothing that could be damaged so.
    ///
    /// # Errors
    /// Refuses any database whose role is not `scratch`.
    async fn damage(
        &self,
        permit: &Permit<'_>,
        copy: &Copy,
        damage: &Damage,
        progress: &Progress<'_>,
    ) -> Result<Option<Planted>>;
}
