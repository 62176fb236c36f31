//! `opsctl migrate`

use opsctl_core::engine::OperationKind;
use opsctl_core::migrate::{
    Direction, Migrate, NewDatabase, Observed, SchemaStatus, Target, of, plan, status,
};
use opsctl_core::names::{InstanceId, LineageId};
use opsctl_core::ports::World;
use opsctl_core::{Failure, FailureKind, Result};
use serde_json::{Value, json};

use super::drive::drive;
use crate::args::MigrateCommand;
use crate::output::Table;
use crate::session::Session;

/// Runs a migrate command.
///
/// # Errors
/// Whatever stopped it.
pub async fn run(session: &Session, command: MigrateCommand) -> Result<u8> {
    match command {
        MigrateCommand::Up => change(session, Direction::Up).await,
        MigrateCommand::Down { to } => change(session, Direction::DownTo(to)).await,
        MigrateCommand::Status { exit_code } => tell(session, exit_code).await,
    }
}

/// Migrates, in either direction.
///
/// # Errors
/// Whatever stopped it.
pub async fn change(session: &Session, direction: Direction) -> Result<u8> {
    let world = session.world()?;
    let (target, status) = observe(session, &world).await?;
    let kind = match direction {
        Direction::Up => OperationKind::MigrateUp,
        Direction::DownTo(_) => OperationKind::MigrateDown,
    };
    let engine = session.environment.settings.database.engine();
    let observed = Observed {
        operation: session.new_operation(kind)?,
        now: session.now(),
        opsctl_version: session.runner.opsctl_version.clone(),
        engine,
        target,
        status,
        direction,
    };
    let plan = plan(&observed, &of(engine), &session.environment)?;
    let migrate = Migrate::new(&plan, &world)?;
    drive(session, &plan, &migrate, report).await
}

async fn observe(session: &Session, world: &World) -> Result<(Target, SchemaStatus)> {
    let carried = of(session.environment.settings.database.engine());
    let Some(descriptor) = world.pointer.read().await? else {
        let new = NewDatabase {
            instance_id: InstanceId(uuid::Uuid::new_v4()),
            lineage_id: LineageId(uuid::Uuid::new_v4()),
        };
        return Ok((Target::New(new), status(&carried, Vec::new())));
    };
    let location = world.pointer.administrator(&descriptor).await?;
    let applied = world.schema.applied(&location).await?;
    let lineage_id = Some(descriptor.lineage_id);
    Ok((
        Target::Existing {
            location,
            lineage_id,
        },
        status(&carried, applied),
    ))
}

pub fn report(result: &Value) -> String {
    let list = |name: &str| -> Vec<String> {
        let titles = result[name].as_array().into_iter().flatten();
        titles
            .filter_map(|title| Some(format!("{name} {}", title.as_str()?)))
            .collect()
    };
    let lines = [list("applied"), list("reverted")].concat();
    if lines.is_empty() {
        "nothing to do".into()
    } else {
        lines.join("\n")
    }
}

async fn tell(session: &Session, exit_code: bool) -> Result<u8> {
    let world = session.world()?;
    let (target, status) = observe(session, &world).await?;
    let value = json!({ "status": status, "database": matches!(target, Target::Existing { .. }) });
    let carried = of(session.environment.settings.database.engine());
    session.output.answer(&value, || {
        let mut table = Table::new(&["migration", "phase", "applied"]);
        for migration in &carried {
            let has = status
                .applied
                .iter()
                .find(|has| has.version == migration.version);
            table.row([
                migration.title(),
                format!("{:?}", migration.phase).to_lowercase(),
                has.map_or("pending".into(), |has| has.installed_on.to_string()),
            ]);
        }
        table.render()
    });
    status.sound()?;
    if exit_code && !status.pending.is_empty() {
        return Err(Failure::new(
            FailureKind::Pending,
            format!("{} migration(s) are pending", status.pending.len()),
        )
        .hint("opsctl migrate up"));
    }
    Ok(0)
}
