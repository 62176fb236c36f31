//! The migrations that a release needs first: those that only add, so that the pods of before still serve.

use opsctl_core::deploy::SchemaOutlook;
use opsctl_core::engine::{OperationKind, Plan};
use opsctl_core::image::SchemaPoint;
use opsctl_core::migrate::{
    Direction, Migrate, MigrateInputs, Migration, Observed, Phase, Target, gate, of, plan,
};
use opsctl_core::ports::World;
use opsctl_core::{Failure, Result};

use super::observe;
use crate::session::Session;

/// Their plan; `None` when nothing is pending.
///
/// # Errors
/// When there is no database yet, its migrations drifted, or a statement is too risky for the tables as they are.
pub async fn of_release(session: &Session, world: &World) -> Result<Option<Plan>> {
    let (target, status) = observe(session, world).await?;
    if matches!(target, Target::New(_)) {
        let name = &session.environment.name;
        return Err(Failure::refused(format!("'{name}' has no database yet"))
            .left("nothing was changed")
            .hint(format!("opsctl --env {name} migrate up")));
    }
    let engine = session.environment.settings.database.engine();
    let pending = |migration: &Migration| status.pending.contains(&migration.version);
    let (first, left) = before_the_first_contract(of(engine), &pending);
    if let Some(left) = left {
        session.output.say(&format!(
            "warning: {left} takes something away and waits: opsctl migrate up, once no pod of before runs"
        ));
    }
    if !first.iter().any(pending) {
        return Ok(None);
    }
    let observed = Observed {
        operation: session.new_operation(OperationKind::MigrateUp)?,
        now: session.now(),
        opsctl_version: session.runner.opsctl_version.clone(),
        engine,
        target,
        status,
        direction: Direction::Up,
        accepted: Vec::new(),
    };
    let plan = plan(&observed, &first, &session.environment)?;
    let inputs: MigrateInputs = plan.inputs()?;
    let risks = Migrate::new(&plan, world)?.risks().await?;
    gate(&risks, &inputs.accepted, &inputs.command())?;
    Ok(Some(plan))
}

/// The schema as it is, and as it is after the migrations of a release.
///
/// # Errors
/// When the database can't be asked.
pub async fn outlook(
    session: &Session,
    world: &World,
    first: Option<&Plan>,
) -> Result<SchemaOutlook> {
    let (_, status) = observe(session, world).await?;
    let carried = of(session.environment.settings.database.engine());
    let has = |version: i64| status.applied.iter().any(|it| it.version == version);
    if let Some(newer) = status
        .applied
        .iter()
        .find(|it| carried.iter().all(|own| own.version != it.version))
    {
        let why = format!(
            "it has migration {:04}, which this opsctl does not carry",
            newer.version
        );
        return Ok(SchemaOutlook::Unknown(why));
    }
    let brought: Vec<i64> = match first {
        Some(plan) => {
            let inputs: MigrateInputs = plan.inputs()?;
            inputs
                .versions
                .iter()
                .map(|(version, _)| *version)
                .collect()
        }
        None => Vec::new(),
    };
    let live = carried.iter().filter(|it| has(it.version));
    let then = carried
        .iter()
        .filter(|it| has(it.version) || brought.contains(&it.version));
    Ok(SchemaOutlook::Known {
        live: SchemaPoint::after(live),
        then: SchemaPoint::after(then),
    })
}

/// What may run beside pods of before, and the first that may not.
fn before_the_first_contract(
    carried: Vec<Migration>,
    pending: &impl Fn(&Migration) -> bool,
) -> (Vec<Migration>, Option<String>) {
    let contracts = |it: &Migration| pending(it) && it.phase == Phase::Contract;
    let at = carried.iter().position(contracts).unwrap_or(carried.len());
    let left = carried.get(at).map(Migration::title);
    (carried.into_iter().take(at).collect(), left)
}
