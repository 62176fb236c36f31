//! The descriptor, the database that it names, and its schema.

use crate::failure::{Failure, Result};
use crate::lineage::LineageRegister;
use crate::migrate::{self, Drift};
use crate::ports::{Database, DatabaseRole, Descriptor, Effects, Mode, World};

use super::adoption;
use super::examination::{Check, Finding, Seen, check, command};

pub(super) async fn checks(world: &World) -> Vec<Check> {
    let descriptor = match world.pointer.read().await {
        Ok(Some(descriptor)) => descriptor,
        Ok(None) => {
            let missing = Finding::trouble(
                "this environment has no database yet",
                command(world, "migrate up"),
            );
            return vec![check("descriptor", Ok(("none".into(), vec![missing])))];
        }
        Err(failure) => return vec![check("descriptor", Err(failure))],
    };
    vec![
        check("descriptor", told(world, &descriptor).await),
        check("database", database(world, &descriptor).await),
        check("schema", schema(world, &descriptor).await),
    ]
}

/// What the application is told, against the record of who is the database.
async fn told(world: &World, descriptor: &Descriptor) -> Result<Seen> {
    let mut findings = Vec::new();
    let register = LineageRegister::load(world.store.as_ref()).await?;
    if let Some(current) = register.current
        && current.lineage_id != descriptor.lineage_id
    {
        findings.push(Finding::trouble(
            format!(
                "the descriptor names lineage {}, and the record of {} says {}",
                descriptor.lineage_id, current.by, current.lineage_id
            ),
            adoption::cure_at(world, descriptor).await,
        ));
    }
    if descriptor.mode != Mode::Normal {
        findings.push(Finding::advice(
            format!("the platform stands aside: {}", descriptor.mode.as_str()),
            command(world, "maintenance off"),
        ));
    }
    let found = format!(
        "generation {}, {}",
        descriptor.generation, descriptor.location.url
    );
    Ok((found, findings))
}

/// Who answers there.
async fn database(world: &World, descriptor: &Descriptor) -> Result<Seen> {
    let location = world.pointer.administrator(descriptor).await?;
    let start = world.environment.starting_command();
    let opened = world.databases.open(&location).await;
    let database = opened.map_err(|failure| start.into_iter().fold(failure, Failure::hint))?;
    let seen = look(world, descriptor, database.as_ref()).await;
    database.close().await;
    seen
}

async fn look(world: &World, descriptor: &Descriptor, database: &dyn Database) -> Result<Seen> {
    let Some(identity) = database.identity().await? else {
        let nobody = Finding::trouble(
            "the database does not say which one it is",
            command(world, "migrate up"),
        );
        return Ok(("answers".into(), vec![nobody]));
    };
    let mut findings = Vec::new();
    if (identity.instance_id, identity.lineage_id)
        != (descriptor.instance_id, descriptor.lineage_id)
    {
        findings.push(Finding::trouble(
            format!(
                "the database is of lineage {}, and the descriptor names {}",
                identity.lineage_id, descriptor.lineage_id
            ),
            adoption::cure(world, identity.role),
        ));
    }
    if identity.role != DatabaseRole::Primary {
        findings.push(
            Finding::trouble(
                format!(
                    "the database says that it is {}: nobody is served from it",
                    identity.role.as_str()
                ),
                command(world, "operation list --open"),
            )
            .or(adoption::cure(world, identity.role)),
        );
    }
    if identity.effects == Effects::Held {
        findings.push(Finding::advice(
            "mail and jobs are held since a restore, until somebody says replay or discard",
            "runbooks/restore.md",
        ));
    }
    findings.extend(writes(world, descriptor, database).await?);
    findings.extend(heartbeat(world, descriptor, database).await?);
    let found = format!("lineage {} answers", identity.lineage_id);
    Ok((found, findings))
}

/// A fence that was left standing refuses everybody. The write that is tried is taken back.
async fn writes(
    world: &World,
    descriptor: &Descriptor,
    database: &dyn Database,
) -> Result<Option<Finding>> {
    if descriptor.mode != Mode::Normal {
        return Ok(None);
    }
    Ok(database.try_write().await?.map(|words| {
        Finding::trouble(
            format!("the database refuses writes: {words}"),
            command(world, "operation list --open"),
        )
    }))
}

async fn heartbeat(
    world: &World,
    descriptor: &Descriptor,
    database: &dyn Database,
) -> Result<Option<Finding>> {
    let limit = world.environment.settings.drill.heartbeat_stale_after;
    let serving = !world.application.processes().await?.is_empty();
    if !serving || descriptor.mode != Mode::Normal {
        return Ok(None);
    }
    let now = database.now().await?;
    let late = match database.heartbeat().await? {
        Some(beat) if beat.age(now) <= limit.0 => return Ok(None),
        Some(beat) => format!("the newest heartbeat is of {beat}"),
        None => "there never was a heartbeat".to_owned(),
    };
    Ok(Some(Finding::trouble(
        format!("{late}, though processes run: a loss could not be measured"),
        "restart the processes of the application",
    )))
}

async fn schema(world: &World, descriptor: &Descriptor) -> Result<Seen> {
    let location = world.pointer.administrator(descriptor).await?;
    let applied = world.schema.applied(&location).await?;
    let status = migrate::status(&migrate::of(descriptor.location.engine), applied);
    let mut findings = Vec::new();
    if !status.pending.is_empty() {
        let what = format!("{} migration(s) are pending", status.pending.len());
        findings.push(Finding::trouble(what, command(world, "migrate up")));
    }
    findings.extend(
        status
            .drift
            .iter()
            .map(|drift| Finding::trouble(drifted(drift), command(world, "migrate status"))),
    );
    Ok((format!("version {}", status.version()), findings))
}

fn drifted(drift: &Drift) -> String {
    match drift {
        Drift::Missing { version, .. } => {
            format!("migration {version} is in the database, and this opsctl does not know it")
        }
        Drift::Changed { version, .. } => {
            format!("migration {version} was changed after it was applied")
        }
        Drift::OutOfOrder { version, .. } => {
            format!("migration {version} is not applied, though a later one is")
        }
    }
}
