//! [`SecretDelivery`] where the application reads its secrets itself: nothing is handed over, and every pod has to say what it uses.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use opsctl_core::guard::Permit;
use opsctl_core::ports::{
    Follower, Mark, SecretDelivery, SecretStore, SecretValue, Stage, VersionId,
};
use opsctl_core::secret::Secret;
use opsctl_core::secrets::SecretKind;
use opsctl_core::{Failure, Result};

use super::pods::{Wanted, Whereabouts};
use super::pointer::SecretPointer;
use super::store::AwsSecrets;
use super::vault::Held;

/// Takes the administrator's password, for whoever connects in this process from now on.
pub type Hold = Arc<dyn Fn(&str, Secret<String>) + Send + Sync>;

/// Sees who uses the secrets of an environment in AWS.
#[derive(Clone)]
pub struct AwsDelivery {
    /// Where they are kept.
    pub secrets: AwsSecrets,
    /// Where the application is told of its database.
    pub pointer: SecretPointer,
    /// Its pods.
    pub pods: Whereabouts,
    /// Who connects as administrator.
    pub hold: Hold,
}

#[async_trait]
impl SecretDelivery for AwsDelivery {
    /// Whoever reads it has to be asked afterwards.
    async fn ready(&self, kind: SecretKind) -> Result<()> {
        match &self.pods {
            Whereabouts::Away(failure) if is_read(kind) => Err(failure.clone()),
            _ => Ok(()),
        }
    }

    async fn told(&self, kind: SecretKind) -> Result<Option<Mark>> {
        if kind == SecretKind::Database && !self.pointer.is_told().await? {
            return Ok(None);
        }
        if kind == SecretKind::Master {
            self.hold().await?;
        }
        self.mark(kind).await.map(Some)
    }

    async fn tell(&self, permit: &Permit<'_>, kind: SecretKind) -> Result<Mark> {
        if kind == SecretKind::Database {
            self.pointer.tell(permit).await?;
        }
        self.told(kind).await?.ok_or_else(|| {
            Failure::failed(format!("'{kind}' does not say which database serves"))
                .hint("opsctl doctor")
        })
    }

    async fn followers(&self, kind: SecretKind, mark: &Mark) -> Result<Vec<Follower>> {
        let wanted = Wanted::parse(&mark.0)?;
        match &self.pods {
            _ if !is_read(kind) || wanted.stages.is_empty() => Ok(Vec::new()),
            Whereabouts::On(pods) => pods.followers(&wanted).await,
            Whereabouts::Nowhere => Ok(Vec::new()),
            Whereabouts::Away(failure) => Err(failure.clone()),
        }
    }

    async fn token_lifetime(&self) -> Result<Option<Duration>> {
        match &self.pods {
            Whereabouts::On(pods) => pods.token_lifetime().await,
            Whereabouts::Nowhere => Ok(None),
            Whereabouts::Away(failure) => Err(failure.clone()),
        }
    }
}

/// Whether the application reads it.
const fn is_read(kind: SecretKind) -> bool {
    !matches!(kind, SecretKind::Master | SecretKind::Signing)
}

/// The stages that a process has to be as far at.
fn that_matter(kind: SecretKind) -> &'static [Stage] {
    match kind {
        SecretKind::Jwt => &[Stage::Current, Stage::Pending, Stage::Previous],
        SecretKind::ApiKey => &[Stage::Current, Stage::Previous],
        _ => &[Stage::Current],
    }
}

impl AwsDelivery {
    /// What everybody is to use, as it is now.
    async fn mark(&self, kind: SecretKind) -> Result<Mark> {
        let vault = &self.secrets.vault;
        let described = vault.describe(kind).await?.unwrap_or_default();
        let mut wanted = Wanted {
            secret: vault.name(kind),
            versions: Default::default(),
            stages: Vec::new(),
        };
        // Where nothing is in use there is nothing to follow.
        if described.at.contains_key(&Stage::Current) {
            for stage in that_matter(kind) {
                wanted.stages.push(stage.as_str().to_owned());
                if let Some(version) = described.at.get(stage)
                    && self
                        .is_used(kind, *stage, version, described.at.get(&Stage::Current))
                        .await?
                {
                    let stage = stage.as_str().to_owned();
                    wanted.versions.insert(stage, version.clone());
                }
            }
        }
        wanted.spelled().map(Mark)
    }

    /// A process does not use what it cannot read yet, nor as the next one what is current already.
    async fn is_used(
        &self,
        kind: SecretKind,
        stage: Stage,
        version: &VersionId,
        current: Option<&VersionId>,
    ) -> Result<bool> {
        if stage != Stage::Pending {
            return Ok(true);
        }
        let held = self.secrets.vault.held(kind, version).await?;
        Ok(current != Some(version) && matches!(held, Held::Value { .. }))
    }

    async fn hold(&self) -> Result<()> {
        let kind = SecretKind::Master;
        let vault = &self.secrets.vault;
        let Some((version, _)) = vault.current(kind).await? else {
            return Ok(());
        };
        if let SecretValue::Login { password, .. } = self.secrets.read(kind, &version).await? {
            (self.hold)(&vault.name(kind), password);
        }
        Ok(())
    }
}
