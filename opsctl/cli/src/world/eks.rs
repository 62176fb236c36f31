//! The cluster of EKS that an environment runs on: AWS tells where it is, and this very program signs its tokens.

use opsctl_aws::{Aws, Side, eks};
use opsctl_core::{Failure, Result};
use opsctl_kubernetes::Given;

use crate::session::Session;

/// How the cluster is spoken to.
///
/// # Errors
/// When AWS does not know it, or lets nobody in.
pub async fn given(session: &Session, side: Side, name: &str) -> Result<Given> {
    let aws = super::account(session)?;
    let opened = Opened::of(session)?;
    opened.given(&aws, side, name).await
}

/// How this very program is called for tokens.
#[derive(Clone)]
pub struct Opened {
    program: String,
    configuration: String,
    environment: String,
}

impl Opened {
    /// As it was called now.
    ///
    /// # Errors
    /// When opsctl can't tell where it lies itself.
    pub fn of(session: &Session) -> Result<Self> {
        let own = std::env::current_exe();
        let own =
            own.map_err(|error| Failure::failed("can't tell where opsctl lies").because(error))?;
        Ok(Self {
            program: own.display().to_string(),
            configuration: session.loaded.path.display().to_string(),
            environment: session.environment.name.to_string(),
        })
    }

    /// How a cluster of that region is spoken to.
    ///
    /// # Errors
    /// When AWS does not know it, or lets nobody in.
    pub async fn given(&self, aws: &Aws, side: Side, name: &str) -> Result<Given> {
        let address = eks::address(aws, side, name).await?;
        let environment = &self.environment;
        let words = [
            "--config",
            &self.configuration,
            "--env",
            environment,
            "eks",
            "token",
        ];
        let mut words: Vec<String> = words.map(str::to_owned).into();
        if side == Side::Backup {
            words.push("--abroad".into());
        }
        Ok(Given {
            name: name.to_owned(),
            server: address.server,
            authority: address.authority,
            plugin: (self.program.clone(), words),
            kubectl: format!(
                "opsctl --env {environment} eks kubeconfig > eks.kubeconfig; kubectl --kubeconfig eks.kubeconfig"
            ),
        })
    }
}
