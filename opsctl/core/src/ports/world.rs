//! Everything outside that an operation may use, in one value.

use std::sync::Arc;

use super::{
    Abroad, AdministratorPassword, Application, AwayPorts, Backups, Cluster, Copies, Databases,
    EvidenceKeys, FailoverPorts, Inspector, Logins, PodMetrics, PodSecrets, Pointer, Provision,
    Registry, RowTransfer, Saboteur, Schema, SecretDelivery, SecretStore, Seeder, Sizes,
};
use crate::clock::Clock;
use crate::environment::Environment;
use crate::failure::{Failure, Result};
use crate::state::StateStore;

/// The secrets of an environment.
#[derive(Clone)]
pub struct SecretPorts {
    /// Where they are kept.
    pub store: Arc<dyn SecretStore>,
    /// How the application is handed them.
    pub delivery: Arc<dyn SecretDelivery>,
    /// The logins at the database; `None` where it is a file.
    pub logins: Option<Arc<dyn Logins>>,
    /// Who sets the administrator's password; `None`: it has none.
    pub administrator: Option<Arc<dyn AdministratorPassword>>,
}

/// The outside world of one environment. Cheap to clone.
#[derive(Clone)]
pub struct World {
    /// What `opsctl.yaml` says.
    pub environment: Arc<Environment>,
    /// Locks, journals, evidence.
    pub store: Arc<dyn StateStore>,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Where the application finds its database.
    pub pointer: Arc<dyn Pointer>,
    /// Opens databases.
    pub databases: Arc<dyn Databases>,
    /// The backups.
    pub backups: Arc<dyn Backups>,
    /// Logical dumps, kept apart from every instance; `None`: it has no place for them.
    pub exports: Option<Arc<dyn Backups>>,
    /// Restored copies.
    pub copies: Arc<dyn Copies>,
    /// Single rows, moved between two databases.
    pub rows: Arc<dyn RowTransfer>,
    /// The application's processes.
    pub application: Arc<dyn Application>,
    /// The key that signs evidence.
    pub keys: Arc<dyn EvidenceKeys>,
    /// Reads databases for proof.
    pub inspector: Arc<dyn Inspector>,
    /// Damages scratch copies, for the self-test.
    pub saboteur: Arc<dyn Saboteur>,
    /// Reads and changes schemas.
    pub schema: Arc<dyn Schema>,
    /// Makes the empty database of a local environment.
    pub provision: Arc<dyn Provision>,
    /// Writes sample rows.
    pub seeder: Arc<dyn Seeder>,
    /// Where images are kept.
    pub registry: Arc<dyn Registry>,
    /// The cluster that the workloads run on; `None`: they are processes of this machine.
    pub cluster: Option<Arc<dyn Cluster>>,
    /// Who knows what its pods measured; `None`: nobody.
    pub pod_metrics: Option<Arc<dyn PodMetrics>>,
    /// What its pods are handed; `None`: they read their secrets themselves.
    pub pod_secrets: Option<Arc<dyn PodSecrets>>,
    /// The secrets that opsctl rotates; `None`: it rotates none here.
    pub secrets: Option<SecretPorts>,
    /// What it can fail over to; `None`: nothing.
    pub failover: Option<FailoverPorts>,
    /// How big its instances are; `None`: nobody is billed for them.
    pub sizes: Option<Arc<dyn Sizes>>,
    /// The second place; `None`: it has none, or opsctl is not told what a database is given there.
    pub away: Option<AwayPorts>,
}

impl World {
    /// The secrets that opsctl rotates.
    ///
    /// # Errors
    /// When it rotates none here.
    pub fn secrets(&self) -> Result<&SecretPorts> {
        self.secrets.as_ref().ok_or_else(|| {
            let name = &self.environment.name;
            Failure::usage(format!("opsctl keeps no secrets of '{name}'"))
        })
    }

    /// The logical dumps.
    ///
    /// # Errors
    /// When it has no place for them.
    pub fn exports(&self) -> Result<&Arc<dyn Backups>> {
        self.exports.as_ref().ok_or_else(|| {
            let name = &self.environment.name;
            Failure::usage(format!("'{name}' has no place for exports"))
                .cause("an environment on RDS has one: `aws.buckets.backups` in opsctl.yaml")
                .left("nothing was changed")
                .hint(format!("opsctl --env {name} backup create"))
        })
    }

    /// What it can fail over to.
    ///
    /// # Errors
    /// When there is nothing.
    pub fn failover(&self) -> Result<&FailoverPorts> {
        self.failover.as_ref().ok_or_else(|| {
            let name = &self.environment.name;
            Failure::refused(format!("'{name}' has nothing to fail over to"))
                .cause("its database is one file, without a standby or a replica")
                .left("nothing was changed")
                .hint("opsctl --env local-postgres drill failover --kind replica")
        })
    }

    /// The second place.
    ///
    /// # Errors
    /// When there is none.
    pub fn away(&self) -> Result<&AwayPorts> {
        self.away.as_ref().ok_or_else(|| {
            let name = &self.environment.name;
            Failure::usage(format!("'{name}' has no second place to be brought back in"))
                .cause("it lives in no account of AWS, or `database.restore_abroad` is missing in opsctl.yaml")
                .left("nothing was changed")
                .hint("terraform output operations: `recovery` is what a database is given in the backup region")
        })
    }

    /// Where workloads run in the second place.
    ///
    /// # Errors
    /// When opsctl is told of no such place.
    pub fn abroad(&self) -> Result<&dyn Abroad> {
        self.away()?.abroad.as_deref().ok_or_else(|| {
            let name = &self.environment.name;
            Failure::usage(format!("'{name}' names no cluster to be brought back on"))
                .hint("add `workloads.abroad` to it in opsctl.yaml")
        })
    }

    /// The same world as whoever stands in the second place sees it: its backups are the copies there, and what is restored
    /// is restored there.
    ///
    /// # Errors
    /// When there is none.
    pub fn seen_from_away(&self) -> Result<Self> {
        let away = self.away()?;
        Ok(Self {
            backups: Arc::clone(&away.backups),
            copies: Arc::clone(&away.copies),
            sizes: away.sizes.clone(),
            ..self.clone()
        })
    }

    /// The cluster that the workloads run on.
    ///
    /// # Errors
    /// When the environment has none.
    pub fn cluster(&self) -> Result<&dyn Cluster> {
        self.cluster.as_deref().ok_or_else(|| {
            let name = &self.environment.name;
            Failure::usage(format!("'{name}' runs nothing on Kubernetes"))
                .hint("add --env local-cluster, or `workloads:` to the environment in opsctl.yaml")
        })
    }
}
