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
    let document = match command {
        EksCommand::Kubeconfig => {
            let name = named(session, Side::Home)?;
            world::eks::given(session, Side::Home, name)
                .await?
                .kubeconfig()
        }
        EksCommand::Token { abroad } => {
            let side = if *abroad { Side::Backup } else { Side::Home };
            let name = named(session, side)?;
            credential(&world::account(session)?, (side, name), session.now()).await?
        }
    };
    // Other programs read it, whatever form of output was wished for; YAML takes JSON for its own.
    session.output.answer(&document, || document.to_string());
    Ok(0)
}

/// The cluster of a region.
fn named(session: &Session, side: Side) -> Result<&str> {
    let workloads = session.environment.settings.workloads.as_ref();
    let (found, field) = match side {
        Side::Home => (workloads.and_then(|it| it.eks.as_deref()), "eks"),
        Side::Backup => {
            let abroad = workloads.and_then(|it| it.abroad.as_ref());
            (abroad.and_then(|it| it.eks.as_deref()), "abroad.eks")
        }
    };
    found.ok_or_else(|| {
        let what = format!("'{}' has no cluster of EKS", session.environment.name);
        Failure::usage(what).hint(format!(
            "set `workloads.{field}` in opsctl.yaml to its name"
        ))
    })
}

async fn credential(
    aws: &Aws,
    (side, name): (Side, &str),
    now: Timestamp,
) -> Result<serde_json::Value> {
    let signed = eks::token(aws, side, name, now).await?;
    let status = json!({"token": signed.token.expose(), "expirationTimestamp": signed.expires_at.to_string()});
    Ok(
        json!({"apiVersion": "client.authentication.k8s.io/v1", "kind": "ExecCredential", "status": status}),
    )
}
