//! `opsctl maintenance`

use opsctl_core::Result;
use opsctl_core::engine::OperationKind;
use opsctl_core::environment::Span;
use opsctl_core::maintenance::{Maintenance, Observed, plan};
use opsctl_core::ports::Mode;
use serde_json::Value;

use super::drive::drive;
use crate::args::{MaintenanceCommand, MaintenanceMode};
use crate::session::Session;

/// Runs a maintenance command.
///
/// # Errors
/// Whatever stopped it.
pub async fn run(session: &Session, command: &MaintenanceCommand) -> Result<u8> {
    match command {
        MaintenanceCommand::On {
            mode: MaintenanceMode::ReadOnly,
            within,
        } => change(session, Mode::ReadOnly, *within).await,
        MaintenanceCommand::On {
            mode: MaintenanceMode::Full,
            within,
        } => change(session, Mode::Maintenance, *within).await,
        MaintenanceCommand::Off { within } => change(session, Mode::Normal, *within).await,
    }
}

async fn change(session: &Session, mode: Mode, within: Span) -> Result<u8> {
    let world = session.world_of(OperationKind::Maintenance).await?;
    let observed = Observed {
        operation: session.new_operation(OperationKind::Maintenance)?,
        now: session.now(),
        opsctl_version: session.runner.opsctl_version.clone(),
        descriptor: world.pointer.read().await?,
        processes: world.application.processes().await?,
    };
    let plan = plan(&observed, mode, within, &session.environment)?;
    let maintenance = Maintenance::from_plan(&plan, &world)?;
    drive(session, &plan, &maintenance, report).await
}

/// Who follows which mode.
#[must_use]
pub fn report(result: &Value) -> String {
    let mode = result["mode"].as_str().unwrap_or("unknown");
    let processes = result["processes"].as_array().map_or(0, Vec::len);
    match processes {
        0 => format!("the mode is {mode}; no process runs"),
        1 => format!("the mode is {mode}; 1 process follows it"),
        count => format!("the mode is {mode}; {count} processes follow it"),
    }
}
