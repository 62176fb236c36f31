//! [`SecretStore`] over a file.

use async_trait::async_trait;
use opsctl_core::Result;
use opsctl_core::clock::{Clock, SystemClock};
use opsctl_core::guard::Permit;
use opsctl_core::ports::{SecretFacts, SecretStore, SecretValue, Stage, VersionId};
use opsctl_core::secrets::SecretKind;

use super::LocalSecrets;
use super::found::values;
use super::handed::{FILE, strays};

#[async_trait]
impl SecretStore for LocalSecrets {
    fn kinds(&self) -> Vec<SecretKind> {
        // The administrator comes through the server's own socket.
        let all = SecretKind::ALL.into_iter();
        all.filter(|kind| *kind != SecretKind::Master).collect()
    }

    async fn describe(&self, kind: SecretKind) -> Result<Option<SecretFacts>> {
        Ok(self.read()?.facts(kind))
    }

    async fn strays(&self) -> Result<Vec<String>> {
        Ok(strays(&values(&self.folder().join(FILE))?))
    }

    async fn read(&self, kind: SecretKind, version: &VersionId) -> Result<SecretValue> {
        self.read()?.read(kind, version)
    }

    async fn put_pending(
        &self,
        permit: &Permit<'_>,
        kind: SecretKind,
        version: &VersionId,
        value: &SecretValue,
    ) -> Result<()> {
        self.change(|vault| {
            permit.check()?;
            vault.put_pending(kind, version, (value, SystemClock.now()))
        })
    }

    async fn move_current(
        &self,
        permit: &Permit<'_>,
        kind: SecretKind,
        from: Option<&VersionId>,
        to: &VersionId,
    ) -> Result<()> {
        self.change(|vault| {
            permit.check()?;
            vault.move_current(kind, from, to)
        })
    }

    async fn drop_stage(
        &self,
        permit: &Permit<'_>,
        kind: SecretKind,
        stage: Stage,
        version: &VersionId,
    ) -> Result<()> {
        self.change(|vault| {
            permit.check()?;
            vault.drop_stage(kind, stage, version);
            Ok(())
        })
    }
}
