//! The descriptor of an environment in AWS: a register of its state store.

use std::sync::Arc;

use async_trait::async_trait;
use opsctl_core::Result;
use opsctl_core::guard::Permit;
use opsctl_core::ports::{Descriptor, Location, Pointer};
use opsctl_core::state::{Key, Register, StateStore, Swapped};

/// Tells where an administrator connects, given what the application is told.
pub type WayIn = Arc<dyn Fn(&Descriptor) -> Result<Location> + Send + Sync>;

/// The descriptor in the state store.
#[derive(Clone)]
pub struct StatePointer {
    store: Arc<dyn StateStore>,
    way_in: WayIn,
}

impl StatePointer {
    /// The pointer of the environment with that state.
    #[must_use]
    pub fn new(store: Arc<dyn StateStore>, way_in: WayIn) -> Self {
        Self { store, way_in }
    }

    fn register(&self) -> Register<'_, Descriptor> {
        Register::at(&*self.store, Key::of(&["descriptor"]))
    }

    /// Notes in the descriptor what is about to be told, if it is still as it was found.
    pub(crate) async fn mark(
        &self,
        permit: &Permit<'_>,
        found: &Descriptor,
        (name, new): (&str, &Descriptor),
    ) -> Result<()> {
        let (at, now) = self.register().load().await?;
        let note = serde_json::json!({
            "generation": new.generation, "lineage_id": new.lineage_id, "mode": new.mode,
            "by": permit.operation(),
        });
        let mut marked = found.clone();
        marked.other.insert(name.to_owned(), note);
        if now.as_ref() == Some(&marked) {
            return Ok(());
        }
        permit.check()?;
        match now.as_ref() == Some(found) {
            true if matches!(self.register().swap(at, &marked).await?, Swapped::Done(_)) => Ok(()),
            _ => Err(Descriptor::changed_meanwhile(
                found.generation,
                new.generation,
            )),
        }
    }
}

#[async_trait]
impl Pointer for StatePointer {
    async fn read(&self) -> Result<Option<Descriptor>> {
        Ok(self.register().load().await?.1)
    }

    async fn replace(&self, permit: &Permit<'_>, expected: u64, new: &Descriptor) -> Result<()> {
        let (at, found) = self.register().load().await?;
        let generation = found.map_or(0, |descriptor| descriptor.generation);
        if generation != expected {
            return Err(Descriptor::changed_meanwhile(expected, generation));
        }
        permit.check()?;
        match self.register().swap(at, new).await? {
            Swapped::Done(_) => Ok(()),
            Swapped::Lost => Err(Descriptor::changed_meanwhile(expected, generation + 1)),
        }
    }

    async fn administrator(&self, descriptor: &Descriptor) -> Result<Location> {
        (self.way_in)(descriptor)
    }
}
