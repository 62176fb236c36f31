//! The simulated place for workloads in the second place: a cluster, and a user who is answered once the way to pods on a database that
//! takes writes is open.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use async_trait::async_trait;
use opsctl_core::environment::{AbroadSettings, Environment, ImageSettings, Latest};
use opsctl_core::guard::Permit;
use opsctl_core::image::Repository;
use opsctl_core::names::OperationId;
use opsctl_core::ports::{Abroad, Cluster, Copy, Location, Prober, ProberSession};
use opsctl_core::workloads::{Object, ObjectKind, ObjectRef};
use opsctl_core::{Failure, Result};
use serde_json::json;

use super::Platform;
use crate::SimulatedCluster;

/// The address of the database, as the pods find it in their Secret.
const URL: &str = "/stringData/DATABASE_URL";

/// A cluster that stands ready.
#[derive(Debug, Clone)]
pub(super) struct SimulatedAbroad {
    pub platform: Platform,
    pub cluster: SimulatedCluster,
    pub settings: AbroadSettings,
    /// Where images are had at home.
    pub home: Repository,
}

impl Platform {
    /// A cluster stands ready in the second place, for drills as these settings say; at home images are had from that repository.
    pub fn stands_ready_away(
        &self,
        cluster: &SimulatedCluster,
        settings: &AbroadSettings,
        home: &Repository,
    ) {
        let abroad = SimulatedAbroad {
            platform: self.clone(),
            cluster: cluster.clone(),
            settings: settings.clone(),
            home: home.clone(),
        };
        self.content().away.get_or_insert_default().abroad = Some(abroad);
    }
}

/// The environment `local`, with a repository of images where it is brought up elsewhere.
pub(super) fn environment_of(platform: &Platform) -> Environment {
    let mut environment = super::environment();
    let content = platform.content();
    let abroad = content.away.as_ref().and_then(|away| away.abroad.as_ref());
    environment.settings.images = abroad.map(|abroad| ImageSettings {
        repository: abroad.home.clone(),
        latest: Latest::default(),
    });
    environment
}

impl SimulatedAbroad {
    fn object(&self, version: &str, kind: &str, name: &str) -> Option<Object> {
        self.cluster.find(&ObjectRef {
            kind: ObjectKind::new(version, kind),
            namespace: Some(self.settings.namespace.clone()),
            name: name.to_owned(),
        })
    }

    /// The database that the pods behind the open way use.
    fn reached(&self) -> Result<Location> {
        let nobody = |what: &str| Failure::failed(format!("nobody answers: {what}"));
        self.object("v1", "Service", "front")
            .ok_or_else(|| nobody("the way is closed"))?;
        let pods = self.object("apps/v1", "Deployment", "api");
        pods.filter(|it| it.number("/status/readyReplicas") > 0)
            .ok_or_else(|| nobody("no pod is ready"))?;
        let secret = self.object("v1", "Secret", "app");
        let secret = secret.ok_or_else(|| nobody("pods have no secret"))?;
        Ok(super::content::location(secret.text(URL)))
    }
}

#[async_trait]
impl Abroad for SimulatedAbroad {
    fn settings(&self) -> &AbroadSettings {
        &self.settings
    }

    async fn cluster(&self) -> Result<Arc<dyn Cluster>> {
        Ok(Arc::new(self.cluster.clone()))
    }

    async fn versions(&self) -> Result<BTreeMap<String, String>> {
        Ok([("database".to_owned(), "version-1".to_owned())].into())
    }

    async fn hand_over(
        &self,
        permit: &Permit<'_>,
        copy: &Copy,
        versions: &BTreeMap<String, String>,
    ) -> Result<Vec<Object>> {
        permit.check()?;
        if !versions.contains_key("database") {
            return Err(Failure::failed("there is no such version"));
        }
        Ok(vec![Object(json!({
            "apiVersion": "v1", "kind": "Secret",
            "metadata": {"name": "app", "namespace": self.settings.namespace},
            "stringData": {"DATABASE_URL": copy.location.url},
        }))])
    }

    async fn visitor(&self) -> Result<Arc<dyn Prober>> {
        Ok(Arc::new(self.clone()))
    }
}

/// As the application does: at the database that its pods have been told of, whatever the caller says.
#[async_trait]
impl Prober for SimulatedAbroad {
    async fn prepare(&self, permit: &Permit<'_>, _: &Location) -> Result<()> {
        Prober::prepare(&self.platform, permit, &self.reached()?).await
    }

    async fn connect(&self, _: &Location) -> Result<Box<dyn ProberSession>> {
        self.platform.connect(&self.reached()?).await
    }

    async fn kept(&self, _: &Location, operation: &OperationId) -> Result<BTreeSet<u64>> {
        self.platform.kept(&self.reached()?, operation).await
    }

    async fn remove(&self, permit: &Permit<'_>, _: &Location) -> Result<()> {
        Prober::remove(&self.platform, permit, &self.reached()?).await
    }
}
