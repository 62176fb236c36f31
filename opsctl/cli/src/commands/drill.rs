//! `opsctl drill`

use opsctl_core::Result;
use opsctl_core::costs::{self, Billed};
use opsctl_core::drill::{DrillInputs, DrillRestore, Observed, Wish, plan};
use opsctl_core::engine::{OperationKind, Plan};
use opsctl_core::names::BackupId;
use opsctl_core::ports::{DatabaseIdentity, Location, World};
use opsctl_core::restore::in_time;
use serde_json::Value;

use super::drive::drive;
use super::{failover, self_test};
use crate::args::{DrillCommand, DrillRestoreArgs};
use crate::session::Session;

/// Runs a drill command.
///
/// # Errors
/// Whatever stopped it.
pub async fn run(session: &Session, command: DrillCommand) -> Result<u8> {
    match command {
        DrillCommand::Restore(args) if args.self_test => self_test::run(session, &args).await,
        DrillCommand::Restore(args) => restore(session, &args).await,
        DrillCommand::Failover(args) => failover::run(session, &args).await,
    }
}

async fn restore(session: &Session, args: &DrillRestoreArgs) -> Result<u8> {
    let world = session.world().await?;
    let observed = observe(session, &world, args).await?;
    let plan = plan(&observed, &session.environment)?;
    let plan = priced(&world, plan).await?;
    let drill = DrillRestore::new(&plan, &world)?;
    drive(session, &plan, &drill, report).await
}

/// With what the copy costs.
async fn priced(world: &World, plan: Plan) -> Result<Plan> {
    let inputs: DrillInputs = plan.inputs()?;
    let cost = costs::of_copy(world, inputs.backup.id()).await;
    Ok(costs::priced(
        plan,
        cost,
        Billed::UntilItEnds(inputs.expires_at),
    ))
}

/// Drills the newest backup, as `opsctl up` does at the first start.
///
/// # Errors
/// Whatever stopped it.
pub async fn newest(session: &Session) -> Result<u8> {
    let args = DrillRestoreArgs {
        backup: "newest".into(),
        keep: false,
        self_test: false,
        seed: None,
    };
    restore(session, &args).await
}

pub(super) async fn observe(
    session: &Session,
    world: &World,
    args: &DrillRestoreArgs,
) -> Result<Observed> {
    let (backups, broken) = world.backups.list().await?;
    for (id, finding) in broken {
        session.output.say(&format!(
            "warning: backup {id}: {}: {}",
            finding.file, finding.detail
        ));
    }
    Ok(Observed {
        operation: session.new_operation(OperationKind::DrillRestore)?,
        now: session.now(),
        backups,
        source: source(session, world).await?,
        wish: wish(&args.backup)?,
        keep: args.keep,
        opsctl_version: session.runner.opsctl_version.clone(),
    })
}

fn wish(text: &str) -> Result<Wish> {
    Ok(match text {
        "newest" => Wish::Newest,
        "random" => Wish::Random(rand::random()),
        "fresh" => Wish::Fresh,
        id => Wish::Named(BackupId::new(id)?),
    })
}

/// The live database; a drill goes on without it, and says so.
pub(super) async fn source(
    session: &Session,
    world: &World,
) -> Result<Option<(Location, Option<DatabaseIdentity>)>> {
    let Some(descriptor) = world.pointer.read().await? else {
        session
            .output
            .say("warning: this environment has no database yet");
        return Ok(None);
    };
    let location = world.pointer.administrator(&descriptor).await?;
    let asked = async {
        let database = world.databases.open(&location).await?;
        let identity = database.identity().await;
        database.close().await;
        Ok(identity)
    };
    match in_time(asked).await {
        Ok(identity) => Ok(Some((location, identity?))),
        Err(failure) => {
            session.output.say(&format!(
                "warning: the live database does not answer: {failure}"
            ));
            Ok(None)
        }
    }
}

/// What a drill came to, in a few lines.
#[must_use]
pub fn report(result: &Value) -> String {
    let document = &result["document"];
    let seconds = |value: &Value| value.as_f64().unwrap_or_default();
    let (rto, rpo) = (&document["rto"], &document["rpo"]);
    let verdict = document["verdict"].as_str().unwrap_or("unknown");
    let mut text = format!(
        "drill {verdict}: {}\n",
        document["operation"].as_str().unwrap_or("")
    );
    let line = |name: &str, measured: &Value, target: &Value, more: &str| {
        format!(
            "  {name}  {:.2} s of {:.0} s {more}\n",
            seconds(measured),
            seconds(target)
        )
    };
    let warm = match &rto["warm"] {
        Value::Null => String::from("(cold)"),
        warm => format!("(cold; warm {:.2} s)", seconds(&warm["measured_seconds"])),
    };
    text.push_str(&line(
        "RTO",
        &rto["measured_seconds"],
        &rto["target_seconds"],
        &warm,
    ));
    let method = rpo["method"].as_str().unwrap_or("").replace('_', " ");
    let method = format!("(by {method})");
    text.push_str(&line(
        "RPO",
        &rpo["measured_seconds"],
        &rpo["target_seconds"],
        &method,
    ));
    for level in document["integrity"]["levels"]
        .as_array()
        .into_iter()
        .flatten()
    {
        let word = |field: &str| level[field].as_str().unwrap_or("").to_owned();
        text.push_str(&format!(
            "  {}  {}: {}\n",
            word("name"),
            word("outcome"),
            word("detail")
        ));
    }
    text.push_str(&format!(
        "  evidence  {}\n",
        result["evidence"].as_str().unwrap_or("")
    ));
    text
}
