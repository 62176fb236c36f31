//! Where a backup that is judged lies.

use crate::ports::{Backups, World};

/// Backups and exports each have a floor of their own: the one is no reason to let the other go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Shelf {
    /// Backups of the whole server.
    #[default]
    Backups,
    /// Logical dumps.
    Exports,
}

impl Shelf {
    /// What lies there; `None`: there is no such place.
    pub(super) fn of(self, world: &World) -> Option<&dyn Backups> {
        match self {
            Self::Backups => Some(world.backups.as_ref()),
            Self::Exports => world.exports.as_deref(),
        }
    }

    /// The same for what a plan found there.
    pub(super) fn still(self, world: &World) -> crate::failure::Result<&dyn Backups> {
        match self {
            Self::Backups => Ok(world.backups.as_ref()),
            Self::Exports => world.exports().map(AsRef::as_ref),
        }
    }

    pub(super) const fn is_backups(&self) -> bool {
        matches!(self, Self::Backups)
    }
}
