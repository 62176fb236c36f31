//! `opsctl lock`

use opsctl_core::Result;
use opsctl_core::guard::{LockStatus, force_release, lock_status};
use opsctl_core::names::ResourceName;
use serde_json::json;

use crate::args::LockCommand;
use crate::output::Table;
use crate::session::Session;

/// What operations lock.
const RESOURCES: [&str; 4] = ["database", "workloads", "secrets", "backups"];

/// Runs a lock command.
///
/// # Errors
/// When the state can't be read, or a living holder would be robbed.
pub async fn run(session: &Session, command: LockCommand) -> Result<u8> {
    match command {
        LockCommand::Status => status(session).await,
        LockCommand::Release { resource } => release(session, &resource).await,
    }
}

async fn status(session: &Session) -> Result<u8> {
    let mut locks: Vec<LockStatus> = Vec::new();
    for resource in RESOURCES {
        locks.push(lock_status(session.store.as_ref(), &ResourceName::new(resource)?).await?);
    }
    let value = json!({ "locks": locks });
    session.output.answer(&value, || {
        let mut table = Table::new(&["resource", "held by", "open operation"]);
        for lock in &locks {
            let record = &lock.record;
            let holder = record
                .holder
                .as_ref()
                .map_or("nobody".into(), ToString::to_string);
            let open = record
                .open
                .as_ref()
                .map_or("none".into(), ToString::to_string);
            table.row([lock.resource.to_string(), holder, open]);
        }
        table.render()
    });
    Ok(0)
}

async fn release(session: &Session, resource: &str) -> Result<u8> {
    let resource = ResourceName::new(resource)?;
    session
        .output
        .say("watching the lock for one lease, to see whether its holder lives");
    let by = &session.runner.principal;
    let record = force_release(session.store.as_ref(), &resource, by).await?;
    let value = json!({ "resource": resource, "record": record });
    session.output.answer(&value, || match &record.open {
        Some(open) => format!("{resource} is free; {open} is open: opsctl operation resume {open}"),
        None => format!("{resource} is free"),
    });
    Ok(0)
}
