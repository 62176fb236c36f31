//! Damage on purpose, in scratch copies alone.
//!
//! Owns the ways in which a SQLite file breaks. Never touches a database whose role is not `scratch`, and
//! never goes through triggers or checks: a real fault does not either.

mod definition;
mod objects;
mod page;
mod plant;
mod rows;
mod target;

#[cfg(test)]
mod tests;

use async_trait::async_trait;
use opsctl_core::Result;
use opsctl_core::engine::Progress;
use opsctl_core::guard::Permit;
use opsctl_core::integrity::{Damage, Planted};
use opsctl_core::ports::{Copy, Saboteur};

/// Damages SQLite copies.
#[derive(Debug, Clone, Copy, Default)]
pub struct SqliteSaboteur;

#[async_trait]
impl Saboteur for SqliteSaboteur {
    async fn damage(
        &self,
        permit: &Permit<'_>,
        copy: &Copy,
        damage: &Damage,
        _progress: &Progress<'_>,
    ) -> Result<Option<Planted>> {
        permit.check()?;
        plant::plant(&copy.location, damage).await
    }
}
