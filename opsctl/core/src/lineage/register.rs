//! The record of an environment's lines of history.

use crate::clock::Timestamp;
use crate::failure::{Failure, FailureKind, Result};
use crate::names::{InstanceId, LineageId, OperationId, ScratchName};
use crate::ports::Location;
use crate::state::{Key, Register, StateStore, Swapped};

/// The database that serves.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct CurrentDatabase {
    /// The instance, kept for life.
    pub instance_id: InstanceId,
    /// The line of history.
    pub lineage_id: LineageId,
    /// Since when.
    pub since: Timestamp,
    /// The operation that made it so.
    pub by: OperationId,
    /// The copy that it was restored as; `None` for a database that was never restored.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub copy: Option<ScratchName>,
}

/// Whether a database that was set aside is kept from being written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fence {
    /// A write was tried and refused.
    Proven,
    /// It could not be reached: whoever reaches it next must fence it.
    Owed,
}

/// A database that served until a cut-over.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct SetAside {
    /// The instance.
    pub instance_id: InstanceId,
    /// Its line of history: from now on refused.
    pub lineage_id: LineageId,
    /// Where the application connected.
    pub location: Location,
    /// Where an administrator connects.
    pub administrator: Location,
    /// Since when.
    pub since: Timestamp,
    /// The operation that set it aside.
    pub by: OperationId,
    /// The copy that it was restored as; `None` for a database that was never restored.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub copy: Option<ScratchName>,
    /// Whether it can still be written.
    pub fence: Fence,
    /// When somebody should have decided what becomes of it; older records say nothing. Nobody ends it by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keep_until: Option<Timestamp>,
}

/// What [`Key::database`] holds.
#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
pub struct LineageRegister {
    /// The database that serves; `None` until the environment was set up.
    pub current: Option<CurrentDatabase>,
    /// The databases that were set aside, the newest last.
    #[serde(default)]
    pub set_aside: Vec<SetAside>,
}

impl LineageRegister {
    /// Reads it.
    ///
    /// # Errors
    /// When the store can't be read.
    pub async fn load(store: &dyn StateStore) -> Result<Self> {
        let register = Register::<Self>::at(store, Key::database());
        Ok(register.load().await?.1.unwrap_or_default())
    }

    /// Changes it, and again when somebody else wrote meanwhile. `change` must bear being called again.
    ///
    /// # Errors
    /// When the store can't be written, or never lets us through.
    pub async fn update(
        store: &dyn StateStore,
        change: impl Fn(&mut Self) + Send + Sync,
    ) -> Result<Self> {
        const ATTEMPTS: u32 = 16;
        let register = Register::<Self>::at(store, Key::database());
        for _ in 0..ATTEMPTS {
            let (generation, value) = register.load().await?;
            let mut value = value.unwrap_or_default();
            let before = value.clone();
            change(&mut value);
            if generation > 0 && value == before {
                return Ok(value);
            }
            if let Swapped::Done(_) = register.swap(generation, &value).await? {
                return Ok(value);
            }
        }
        Err(Failure::new(
            FailureKind::Locked,
            "the record of the environment's database is written by others all the time",
        )
        .hint("opsctl operation list"))
    }

    /// Makes `new` the database that serves and keeps the one before, once.
    pub fn switch(&mut self, new: CurrentDatabase, old: SetAside) {
        self.set_aside.retain(|known| {
            known.lineage_id != old.lineage_id && known.lineage_id != new.lineage_id
        });
        self.set_aside.push(old);
        self.current = Some(new);
    }

    /// The database that was set aside last: where `restore undo` goes back to.
    #[must_use]
    pub fn newest_set_aside(&self) -> Option<&SetAside> {
        self.set_aside.last()
    }

    /// Strikes out a database that was removed.
    pub fn forget(&mut self, lineage: LineageId) {
        self.set_aside.retain(|aside| aside.lineage_id != lineage);
    }

    /// The databases that nobody could fence yet.
    #[must_use]
    pub fn fences_owed(&self) -> Vec<&SetAside> {
        let owed = |aside: &&SetAside| aside.fence == Fence::Owed;
        self.set_aside.iter().filter(owed).collect()
    }

    /// Notes that a fence was proven.
    pub fn fenced(&mut self, lineage: LineageId) {
        for aside in &mut self.set_aside {
            if aside.lineage_id == lineage {
                aside.fence = Fence::Proven;
            }
        }
    }
}
