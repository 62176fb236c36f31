//! The cluster of EKS that an environment runs on: AWS tells where it is, and this very program signs its tokens.

use opsctl_aws::{Side, eks};
use opsctl_core::{Failure, Result};
use opsctl_kubernetes::Given;

use crate::session::Session;

/// How the cluster is spoken to.
///
/// # Errors
/// When AWS does not know it, or lets nobody in.
pub async fn given(session: &Session, name: &str) -> Result<Given> {
    let address = eks::address(&super::account(session)?, Side::Home, name).await?;
    let own = std::env::current_exe();
    let own =
        own.map_err(|error| Failure::failed("can't tell where opsctl lies").because(error))?;
    let environment = &session.environment.name;
    let file = session.loaded.path.display().to_string();
    let words = [
        "--config",
        &file,
        "--env",
        environment.as_str(),
        "eks",
        "token",
    ];
    Ok(Given {
        name: name.to_owned(),
        server: address.server,
        authority: address.authority,
        plugin: (own.display().to_string(), words.map(str::to_owned).to_vec()),
        kubectl: format!(
            "opsctl --env {environment} eks kubeconfig > eks.kubeconfig; kubectl --kubeconfig eks.kubeconfig"
        ),
    })
}
