//! `opsctl eks`

use opsctl_aws::{Aws, Side, eks};
use opsctl_core::clock::Timestamp;
use opsctl_core::{Failure, Result};
use serde_json::json;

use crate::args::EksCommand;
use crate::session::Session;
use crate::world;

/// Runs an eks command.
///
/// # Errors
/// When the environment has no cluster of EKS, or AWS lets nobody in.
pub async fn run(session: &Session, command: &EksCommand) -> Result<u8> {
    let workloads = session.environment.settings.workloads.as_ref();
    let name = workloads.and_then(|it| it.eks.as_deref()).ok_or_else(|| {
        let what = format!("'{}' has no cluster of EKS", session.environment.name);
        Failure::usage(what).hint("set `workloads.eks` in opsctl.yaml to its name")
    })?;
    let document = match command {
        EksCommand::Kubeconfig => world::eks::given(session, name).await?.kubeconfig(),
        EksCommand::Token => credential(&world::account(session)?, name, session.now()).await?,
    };
    // Other programs read it, whatever form of output was wished for; YAML takes JSON for its own.
    session.output.answer(&document, || document.to_string());
    Ok(0)
}

async fn credential(aws: &Aws, name: &str, now: Timestamp) -> Result<serde_json::Value> {
    let signed = eks::token(aws, Side::Home, name, now).await?;
    let status = json!({"token": signed.token.expose(), "expirationTimestamp": signed.expires_at.to_string()});
    Ok(
        json!({"apiVersion": "client.authentication.k8s.io/v1", "kind": "ExecCredential", "status": status}),
    )
}
