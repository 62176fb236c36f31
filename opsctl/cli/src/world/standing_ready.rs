//! The cluster that stands ready in the backup region, for a drill of a lost region: how it is spoken to, what pods are handed there, and
//! the user who comes by.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use opsctl_aws::{AbroadSecrets, Aws, RdsSite, SecretKey, Side};
use opsctl_core::clock::Clock;
use opsctl_core::environment::AbroadSettings;
use opsctl_core::guard::Permit;
use opsctl_core::ports::{Abroad, Cluster, Copy, EvidenceKeys, Prober};
use opsctl_core::workloads::{Object, ObjectKind, ObjectRef};
use opsctl_core::{Failure, Result};
use opsctl_kubernetes::{Context, KubernetesCluster, Patience, Target};
use opsctl_local::certificates::PodAuthority;
use opsctl_visitor::UserProber;

use super::eks::Opened;
use super::pod_secrets::{certificates, of_app};
use crate::session::Session;

/// Nothing is asked before it is used.
pub struct StandingReady {
    aws: Aws,
    settings: AbroadSettings,
    secrets: AbroadSecrets,
    opened: Opened,
    /// Where `opsctl.yaml` lies.
    configuration: PathBuf,
    authority: PodAuthority,
    clock: Arc<dyn Clock>,
}

impl StandingReady {
    /// What the session's environment names; `None`: nothing.
    ///
    /// # Errors
    /// When opsctl can't tell where it lies itself.
    pub fn of(session: &Session, site: &RdsSite) -> Result<Option<Self>> {
        let workloads = session.environment.settings.workloads.as_ref();
        let Some(settings) = workloads.and_then(|it| it.abroad.clone()) else {
            return Ok(None);
        };
        let logins = Arc::clone(&site.logins);
        Ok(Some(Self {
            aws: site.aws.clone(),
            settings,
            secrets: AbroadSecrets::of(&site.aws, site.ways.clone(), logins),
            opened: Opened::of(session)?,
            configuration: session.loaded.folder(),
            authority: PodAuthority::below(&session.folder),
            clock: Arc::clone(&session.clock),
        }))
    }

    async fn target(&self) -> Result<Target> {
        let settings = &self.settings;
        if let Some(file) = &settings.kubeconfig {
            let context = settings.context.clone();
            return Ok(Target::Kubeconfig {
                files: vec![self.configuration.join(file)],
                context: context.map_or(Context::Current, Context::Named),
            });
        }
        let name = settings.eks.as_ref().ok_or_else(|| {
            Failure::usage("`workloads.abroad` names no cluster")
                .hint("set `eks` or `kubeconfig` in it, in opsctl.yaml")
        })?;
        let given = self.opened.given(&self.aws, Side::Backup, name).await?;
        Ok(Target::Given(given))
    }

    /// The host that the user asks: its certificate has to name it.
    fn host(&self) -> Option<String> {
        let rest = self.settings.url.split_once("://")?.1;
        let place = rest.trim_end_matches('/');
        let host = place.rsplit_once(':').map_or(place, |(host, _)| host);
        Some(host.to_owned())
    }

    /// Who vouches for the pods, as they have it themselves: whoever goes on elsewhere finds it there too.
    async fn vouches(&self) -> Result<String> {
        let name = ObjectRef {
            kind: ObjectKind::new("v1", "Secret"),
            namespace: Some(self.settings.namespace.clone()),
            name: "api-tls".into(),
        };
        let found = self.cluster().await?.get(&name).await?;
        let text = found.and_then(|secret| {
            let bytes = STANDARD.decode(secret.0["data"]["ca.crt"].as_str()?).ok()?;
            String::from_utf8(bytes).ok()
        });
        text.ok_or_else(|| Failure::failed(format!("{name} holds no authority")))
    }
}

#[async_trait]
impl Abroad for StandingReady {
    fn settings(&self) -> &AbroadSettings {
        &self.settings
    }

    async fn cluster(&self) -> Result<Arc<dyn Cluster>> {
        let target = self.target().await?;
        let cluster = KubernetesCluster::connect(&target, Patience::default()).await?;
        Ok(Arc::new(cluster))
    }

    async fn versions(&self) -> Result<BTreeMap<String, String>> {
        self.secrets.versions().await
    }

    async fn hand_over(
        &self,
        permit: &Permit<'_>,
        copy: &Copy,
        versions: &BTreeMap<String, String>,
    ) -> Result<Vec<Object>> {
        let values = self.secrets.values(permit, copy, versions).await?;
        let plain = values
            .into_iter()
            .map(|(name, text)| (name, text.expose().clone()));
        let namespace = &self.settings.namespace;
        let mut all = vec![of_app(namespace, plain.collect())];
        let others: Vec<String> = self.host().into_iter().collect();
        let now = self.clock.now();
        all.extend(certificates(&self.authority, namespace, &others, now)?);
        Ok(all)
    }

    async fn visitor(&self) -> Result<Arc<dyn Prober>> {
        let key = SecretKey::of(self.aws.clone()).signing_key().await?;
        let password = key.derived("the user of failover drills");
        let (url, name) = (&self.settings.url, &self.aws.settings().name);
        let authority = self.vouches().await?;
        let prober = UserProber::where_vouched(url, &authority, name, password)?;
        Ok(Arc::new(match &self.settings.login_url {
            Some(login) => prober.logging_in_at(login)?,
            None => prober,
        }))
    }
}
