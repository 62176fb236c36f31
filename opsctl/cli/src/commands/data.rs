//! `opsctl data`

use opsctl_core::engine::OperationKind;
use opsctl_core::seed::{Observed, Seed, Table, Volume, plan};
use opsctl_core::{Failure, Result};
use serde_json::Value;

use super::drive::drive;
use crate::args::{DataCommand, SeedArgs};
use crate::session::Session;

/// Runs a data command.
///
/// # Errors
/// Whatever stopped it.
pub async fn run(session: &Session, command: DataCommand) -> Result<u8> {
    let DataCommand::Seed(args) = command;
    seed(session, args).await
}

/// Fills the environment with sample data.
///
/// # Errors
/// Whatever stopped it.
pub async fn seed(session: &Session, args: SeedArgs) -> Result<u8> {
    let world = session.world().await?;
    let descriptor = world.pointer.read().await?.ok_or_else(|| {
        Failure::usage(format!(
            "'{}' has no database yet",
            session.environment.name
        ))
        .hint(format!(
            "opsctl --env {} migrate up",
            session.environment.name
        ))
    })?;
    let observed = Observed {
        operation: session.new_operation(OperationKind::DataSeed)?,
        now: session.now(),
        opsctl_version: session.runner.opsctl_version.clone(),
        location: world.pointer.administrator(&descriptor).await?,
        volume: Volume {
            users: args.users,
            posts: args.posts,
            comments: args.comments,
        },
    };
    let plan = plan(&observed, &session.environment)?;
    let operation = Seed::new(&plan, &world)?;
    drive(session, &plan, &operation, report).await
}

/// What was written, table by table.
#[must_use]
pub fn report(result: &Value) -> String {
    let mut text = String::new();
    for table in Table::ALL {
        let filled = &result[table.name()];
        let (rows, seconds) = (
            &filled["rows"],
            filled["seconds"].as_f64().unwrap_or_default(),
        );
        text.push_str(&format!(
            "{}: {rows} rows in {seconds:.1} s\n",
            table.name()
        ));
    }
    text
}
