//! [`Application`] where its processes are pods that are told of their database by a secret: who uses the secret's current version has
//! applied what the descriptor says.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use opsctl_core::Result;
use opsctl_core::clock::Timestamp;
use opsctl_core::guard::Permit;
use opsctl_core::names::LineageId;
use opsctl_core::ports::{
    Application, Descriptor, Mode, Pointer, ProbeAnswer, ProbeRequest, ProcessReport, Stage,
    VersionId,
};
use opsctl_core::secrets::SecretKind;
use opsctl_core::workloads::Object;
use time::OffsetDateTime;

use super::pods::AwsPods;
use super::pointer::SecretPointer;
use super::vault::Vault;

const KIND: SecretKind = SecretKind::Database;

/// The pods of an environment as its application's processes.
#[derive(Clone)]
pub struct PodApplication {
    /// Its secrets.
    pub vault: Vault,
    /// Where they are told of their database.
    pub pointer: SecretPointer,
    /// The pods; why they can't be asked from here, where they can't: nobody must take that for "there are none".
    pub pods: Result<AwsPods>,
    /// Who starts a probe on a copy.
    pub probes: Arc<dyn Application>,
}

#[async_trait]
impl Application for PodApplication {
    async fn processes(&self) -> Result<Vec<ProcessReport>> {
        let described = self.vault.describe(KIND).await?.unwrap_or_default();
        let current = described.at.get(&Stage::Current);
        let told = match self.pointer.is_told().await? {
            true => self.pointer.read().await?,
            false => None,
        };
        let pods = self.pods.as_ref().map_err(Clone::clone)?;
        let pods = pods.readers(&self.vault.name(KIND)).await?;
        let report = |(pod, used): &(Object, Option<BTreeMap<String, VersionId>>)| {
            let used = used
                .as_ref()
                .and_then(|used| used.get(Stage::Current.as_str()));
            let applied = used.is_some() && used == current;
            report(pod, told.as_ref().filter(|_| applied))
        };
        Ok(pods.iter().map(report).collect())
    }

    async fn probe(&self, permit: &Permit<'_>, request: &ProbeRequest) -> Result<ProbeAnswer> {
        self.probes.probe(permit, request).await
    }
}

/// What a pod says; one that has not applied the descriptor is at none.
fn report(pod: &Object, applied: Option<&Descriptor>) -> ProcessReport {
    let uid = pod.text("/metadata/uid").parse();
    let started_at = Timestamp::parse(pod.text("/status/startTime"));
    ProcessReport {
        process_id: uid.unwrap_or_default(),
        pid: 0,
        role: pod.text("/metadata/name").to_owned(),
        address: pod.text("/status/podIP").to_owned(),
        started_at: started_at.unwrap_or(Timestamp(OffsetDateTime::UNIX_EPOCH)),
        generation: applied.map_or(0, |it| it.generation),
        lineage_id: applied.map_or(LineageId(uuid::Uuid::nil()), |it| it.lineage_id),
        mode: applied.map_or(Mode::Normal, |it| it.mode),
        app_schema: 0,
        secrets_revision: None,
        token_lifetime_seconds: None,
    }
}
