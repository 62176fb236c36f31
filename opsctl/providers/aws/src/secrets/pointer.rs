//! The descriptor of an environment whose application is told of its database by a secret. Both say the same, or the descriptor says
//! that the secret is about to: the intent is written first, then the secret, then the descriptor. Whoever died in between is found
//! by the next one, who does the same again.

use std::sync::Arc;

use async_trait::async_trait;
use opsctl_core::guard::Permit;
use opsctl_core::ports::{Descriptor, Location, Logins, Pointer, SecretValue, Stage, VersionId};
use opsctl_core::secrets::SecretKind;
use opsctl_core::{Failure, Result};

use super::admission::let_in;
use super::change::Change;
use super::document::Document;
use super::place::Place;
use super::store::derived;
use super::vault::Vault;
use crate::pointer::StatePointer;

const KIND: SecretKind = SecretKind::Database;
/// The field of the descriptor that says that the secret is about to name another place.
const ABOUT_TO: &str = "about_to_tell";

/// The descriptor in the state store, and the secret that tells the application of it.
#[derive(Clone)]
pub struct SecretPointer {
    state: StatePointer,
    vault: Vault,
    /// Who logs in, to prove that the application could.
    logins: Arc<dyn Logins>,
}

impl SecretPointer {
    /// The pointer of that environment.
    #[must_use]
    pub fn new(state: StatePointer, vault: Vault, logins: Arc<dyn Logins>) -> Self {
        Self {
            state,
            vault,
            logins,
        }
    }

    /// Whether the application is told what the descriptor says. Where there is no login yet there is nothing to tell.
    ///
    /// # Errors
    /// When either can't be read.
    pub async fn is_told(&self) -> Result<bool> {
        let Some(descriptor) = self.read().await? else {
            return Ok(true);
        };
        let told = self.differing(&descriptor).await?;
        Ok(told.is_none())
    }

    /// Tells it. The same again changes nothing.
    ///
    /// # Errors
    /// When nobody could log in there, or somebody else changes the secret.
    pub async fn tell(&self, permit: &Permit<'_>) -> Result<()> {
        match self.read().await? {
            Some(descriptor) => self.tell_of(permit, &descriptor).await,
            None => Ok(()),
        }
    }

    /// The secret's current version, if it says something else than the descriptor.
    async fn differing(&self, descriptor: &Descriptor) -> Result<Option<(VersionId, Document)>> {
        let wanted = Place::of(descriptor)?;
        let current = self.vault.current(KIND).await?;
        Ok(current.filter(|(_, document)| document.place().as_ref() != Some(&wanted)))
    }

    async fn tell_of(&self, permit: &Permit<'_>, descriptor: &Descriptor) -> Result<()> {
        let wanted = Place::of(descriptor)?;
        let Some((before, document)) = self.differing(descriptor).await? else {
            return self.tidy(permit).await;
        };
        let same = document.place().is_some_and(|it| it.same_database(&wanted));
        if !same {
            self.prove(permit, descriptor, &document).await?;
        }
        let moved = document.moved_to(&wanted);
        let moved = moved.ok_or_else(|| Failure::failed("the secret of the login has no login"))?;
        let parts = [&before.0, &wanted.at, &wanted.lineage, &wanted.mode];
        let version = derived(&parts.map(String::as_str));
        let text = moved.spelled(KIND)?;
        // What a rotation left pending leads to the database before: it loses its stage here.
        let put = Change::Put {
            version: &version,
            stage: Stage::Pending,
            text: &text,
        };
        self.vault.change(permit, KIND, &put).await?;
        let step = Change::Stage {
            stage: Stage::Current,
            from: Some(&before),
            to: Some(&version),
        };
        self.vault.change(permit, KIND, &step).await?;
        self.tidy(permit).await
    }

    /// A version that became current is pending no more.
    async fn tidy(&self, permit: &Permit<'_>) -> Result<()> {
        let described = self.vault.describe(KIND).await?.unwrap_or_default();
        let current = described.at.get(&Stage::Current);
        match described.at.get(&Stage::Pending) {
            Some(pending) if Some(pending) == current => {
                let drop = Change::Stage {
                    stage: Stage::Pending,
                    from: Some(pending),
                    to: None,
                };
                self.vault.change(permit, KIND, &drop).await
            }
            _ => Ok(()),
        }
    }

    /// The login in use lets somebody in at the new place. A restored database knows passwords of the time of its backup: there it is
    /// given its own again.
    async fn prove(
        &self,
        permit: &Permit<'_>,
        descriptor: &Descriptor,
        document: &Document,
    ) -> Result<()> {
        let Some(SecretValue::Login { user, password }) = document.value(KIND) else {
            return Ok(());
        };
        let way_in = self.administrator(descriptor).await?;
        let_in(self.logins.as_ref(), permit, &way_in, (&user, &password)).await
    }
}

#[async_trait]
impl Pointer for SecretPointer {
    async fn read(&self) -> Result<Option<Descriptor>> {
        let mut found = self.state.read().await?;
        if let Some(descriptor) = &mut found {
            descriptor.other.remove(ABOUT_TO);
        }
        Ok(found)
    }

    async fn replace(&self, permit: &Permit<'_>, expected: u64, new: &Descriptor) -> Result<()> {
        let found = self.state.read().await?;
        // Without a login there is nobody to tell; `secrets init` makes it for what the descriptor says then.
        if let Some(found) = found.filter(|found| found.generation == expected)
            && self.differing(new).await?.is_some()
        {
            // Whoever replaces it at the same time is refused before the secret is touched.
            self.state.mark(permit, &found, (ABOUT_TO, new)).await?;
            self.tell_of(permit, new).await?;
        }
        self.state.replace(permit, expected, new).await
    }

    async fn administrator(&self, descriptor: &Descriptor) -> Result<Location> {
        self.state.administrator(descriptor).await
    }
}
