//! `opsctl env`

use opsctl_core::Result;
use opsctl_core::adopt::{Adopt, Observed, plan};
use opsctl_core::engine::OperationKind;
use serde_json::Value;

use super::drive::drive;
use crate::args::EnvCommand;
use crate::session::Session;

/// Runs an env command.
///
/// # Errors
/// Whatever stopped it.
pub async fn run(session: &Session, command: EnvCommand) -> Result<u8> {
    match command {
        EnvCommand::Adopt { reason } => adopt(session, reason).await,
        EnvCommand::BringUp { version } => super::bring_up::run(session, &version).await,
    }
}

async fn adopt(session: &Session, reason: String) -> Result<u8> {
    let world = session.world().await?;
    let operation = session.new_operation(OperationKind::EnvAdopt)?;
    let observed = Observed::see(&world, operation, &session.runner.opsctl_version).await?;
    let plan = plan(&observed, reason, &session.environment)?;
    let adopt = Adopt::from_plan(&plan, &world)?;
    drive(session, &plan, &adopt, report).await
}

/// Which database is the environment's own now.
#[must_use]
pub fn report(result: &Value) -> String {
    let word = |name: &str| result[name].as_str().unwrap_or("unknown").to_owned();
    let mut text = format!(
        "the database of '{}' is lineage {}, instance {}",
        word("environment"),
        word("lineage_id"),
        word("instance_id")
    );
    if let Some(command) = result["begin_restore_window"].as_str() {
        text.push_str(&format!(
            "\nits lineage has no restore window before its first base backup: {command}"
        ));
    }
    text
}
