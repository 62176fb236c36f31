//! What pods are handed where a lost region is drilled: the versions that the backup region's replicas hold, but for the database, which is
//! the restored copy. What would act on anybody outside (mail, third parties, the cache of the first region) is left out.

use std::collections::BTreeMap;
use std::sync::Arc;

use opsctl_core::guard::Permit;
use opsctl_core::ports::{Copy, Logins, SecretValue, Stage, VersionId};
use opsctl_core::secret::Secret;
use opsctl_core::secrets::SecretKind;
use opsctl_core::{Failure, Result};

use super::admission::let_in;
use super::place::{Place, without_login};
use super::vault::Vault;
use crate::account::{Aws, Side};
use crate::rds::Ways;

/// What the application can't serve without.
const HANDED: [SecretKind; 2] = [SecretKind::Database, SecretKind::Jwt];
/// How a copy is treated: as a database that serves.
const MODE: &str = "normal";

/// The replicas in the backup region.
#[derive(Clone)]
pub struct AbroadSecrets {
    vault: Vault,
    region: String,
    /// The ways to a database.
    ways: Ways,
    /// The application's logins.
    logins: Arc<dyn Logins>,
}

impl AbroadSecrets {
    /// Those of that account's environment.
    #[must_use]
    pub fn of(aws: &Aws, ways: Ways, logins: Arc<dyn Logins>) -> Self {
        Self {
            region: aws.region(Side::Backup).to_owned(),
            vault: Vault::at(aws.clone(), Side::Backup),
            ways,
            logins,
        }
    }

    /// Each by its name, with the version that is current there. No value is read.
    ///
    /// # Errors
    /// When one of them has none.
    pub async fn versions(&self) -> Result<BTreeMap<String, String>> {
        let mut versions = BTreeMap::new();
        for kind in HANDED {
            let described = self.vault.describe(kind).await?.unwrap_or_default();
            let current = described.at.get(&Stage::Current);
            let current = current.ok_or_else(|| self.lacks(kind, "has no current version"))?;
            versions.insert(kind.stored_as().to_owned(), current.0.clone());
        }
        Ok(versions)
    }

    /// The values of exactly these versions, by the names of the application's variables. Its login is let in to the copy.
    ///
    /// # Errors
    /// When a version is gone or holds nothing, or nobody can log in.
    pub async fn values(
        &self,
        permit: &Permit<'_>,
        copy: &Copy,
        versions: &BTreeMap<String, String>,
    ) -> Result<BTreeMap<String, Secret<String>>> {
        let mut values = BTreeMap::new();
        for kind in HANDED {
            let lacks = || self.lacks(kind, "holds no value");
            let version = versions.get(kind.stored_as()).ok_or_else(lacks)?;
            let version = VersionId(version.clone());
            let document = self.vault.read(kind, &version).await?.ok_or_else(lacks)?;
            let value = document.value(kind).ok_or_else(lacks)?;
            let document = match value {
                SecretValue::Login { user, password } => {
                    let (logins, way_in) = (self.logins.as_ref(), &copy.location);
                    let_in(logins, permit, way_in, (&user, &password)).await?;
                    document.moved_to(&self.place(copy)?).ok_or_else(lacks)?
                }
                SecretValue::Text(_) => document,
            };
            values.extend(document.of_one_database());
        }
        Ok(values)
    }

    /// Where the copy is, for the application.
    fn place(&self, copy: &Copy) -> Result<Place> {
        let way = self.ways.application(Ways::address(&copy.location)?);
        Ok(Place {
            at: without_login(&way.url).to_owned(),
            lineage: copy.lineage_id.to_string(),
            mode: MODE.to_owned(),
        })
    }

    fn lacks(&self, kind: SecretKind, what: &str) -> Failure {
        let (name, region) = (self.vault.name(kind), &self.region);
        Failure::failed(format!("the secret '{name}' {what} in {region}"))
            .hint("opsctl secrets status")
    }
}
