//! Damage on purpose, in scratch copies alone.
//!
//! Owns the ways in which a PostgreSQL database breaks. Never touches a database whose role is not
//! `scratch`, and never goes through triggers or foreign keys: a real fault does not either.

mod objects;
mod page;
mod plant;
mod rows;
mod target;

use async_trait::async_trait;
use opsctl_core::Result;
use opsctl_core::engine::Progress;
use opsctl_core::guard::Permit;
use opsctl_core::integrity::{Damage, Planted};
use opsctl_core::ports::{Copy, Saboteur};

pub use plant::plant;

use crate::cluster::restore::Restorer;

/// Damages the copies that a restorer made, or that a service did.
pub struct PostgresSaboteur {
    restorer: Option<Restorer>,
}

impl PostgresSaboteur {
    /// Stops and starts copies through this restorer, where damage has to be done to files.
    #[must_use]
    pub const fn new(restorer: Restorer) -> Self {
        Self {
            restorer: Some(restorer),
        }
    }

    /// Damages copies whose files nobody reaches: by statements alone.
    #[must_use]
    pub const fn of_a_service() -> Self {
        Self { restorer: None }
    }
}

#[async_trait]
impl Saboteur for PostgresSaboteur {
    async fn damage(
        &self,
        permit: &Permit<'_>,
        copy: &Copy,
        damage: &Damage,
        _progress: &Progress<'_>,
    ) -> Result<Option<Planted>> {
        permit.check()?;
        plant(self.restorer.as_ref(), copy, damage).await
    }
}
