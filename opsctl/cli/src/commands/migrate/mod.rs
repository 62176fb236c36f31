//! `opsctl migrate`

mod look;
mod release;

pub use release::{of_release, outlook};

use opsctl_core::engine::{OperationKind, Plan};
use opsctl_core::migrate::{
    Direction, Migrate, MigrateInputs, NewDatabase, Observed, SchemaStatus, Target, context, gate,
    of, plan, status,
};
use opsctl_core::names::{InstanceId, LineageId};
use opsctl_core::ports::World;
use opsctl_core::{Failure, FailureKind, Result};
use serde_json::{Value, json};

use super::drive::drive;
use crate::args::{AcceptArgs, MigrateCommand};
use crate::output::Table;
use crate::session::Session;

/// Runs a migrate command.
///
/// # Errors
/// Whatever stopped it.
pub async fn run(session: &Session, command: MigrateCommand) -> Result<u8> {
    match command {
        MigrateCommand::Plan { exit_code } => look::plan(session, exit_code).await,
        MigrateCommand::Up { risks } => accepting(session, Direction::Up, &risks).await,
        MigrateCommand::Down { to, risks } => {
            accepting(session, Direction::DownTo(to), &risks).await
        }
        MigrateCommand::Lint { migrations } => look::check(session, migrations.as_deref()),
        MigrateCommand::Status { exit_code } => tell(session, exit_code).await,
    }
}

/// Migrates, in either direction, and accepts no risk.
///
/// # Errors
/// Whatever stopped it.
pub async fn change(session: &Session, direction: Direction) -> Result<u8> {
    accepting(session, direction, &AcceptArgs::default()).await
}

async fn accepting(session: &Session, direction: Direction, accepts: &AcceptArgs) -> Result<u8> {
    let (mut plan, migrate) = prepare(session, direction, accepts).await?;
    let risks = migrate.risks().await?;
    let inputs: MigrateInputs = plan.inputs()?;
    // Asked before anybody says yes, and again before the first step.
    gate(&risks, &inputs.accepted, &inputs.command())?;
    plan.context.extend(context(&risks));
    drive(session, &plan, &migrate, report).await
}

async fn prepare(
    session: &Session,
    direction: Direction,
    accepts: &AcceptArgs,
) -> Result<(Plan, Migrate)> {
    let world = session.world().await?;
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
        accepted: accepts.accepted.clone(),
    };
    let plan = plan(&observed, &of(engine), &session.environment)?;
    let migrate = Migrate::new(&plan, &world)?;
    Ok((plan, migrate))
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
    let world = session.world().await?;
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
    if exit_code { pending(&status) } else { Ok(0) }
}

fn pending(status: &SchemaStatus) -> Result<u8> {
    match status.pending.len() {
        0 => Ok(0),
        count => Err(Failure::new(
            FailureKind::Pending,
            format!("{count} migration(s) are pending"),
        )
        .hint("opsctl migrate up")),
    }
}
