//! `opsctl drill failover`

use opsctl_core::engine::{Basis, OperationKind};
use opsctl_core::environment::DatabaseTarget;
use opsctl_core::failover::{DrillFailover, FailoverRequest, Kind, Pace, plan};
use opsctl_core::ports::{Standing, World};
use opsctl_core::restore::Live;
use opsctl_core::{Failure, Result};
use serde_json::Value;

use super::drive::drive;
use super::region;
use crate::args::{DrillFailoverArgs, FailoverKind};
use crate::session::Session;

/// Fails over and measures what users feel.
///
/// # Errors
/// Whatever stopped it.
pub(super) async fn run(session: &Session, args: &DrillFailoverArgs) -> Result<u8> {
    let kind = match args.kind {
        FailoverKind::Replica => Kind::Replica,
        FailoverKind::MultiAz => Kind::MultiAz,
        FailoverKind::Region => return region::run(session).await,
    };
    let world = session.world().await?;
    let standing = standing(&world, kind).await?;
    let request = FailoverRequest {
        kind,
        acknowledge_within: args.patience.acknowledge_within,
        pace: pace(session),
    };
    let live = Live::see(&world).await?;
    let basis = Basis {
        environment: &session.environment,
        operation: session.new_operation(OperationKind::DrillFailover)?,
        now: session.now(),
        opsctl_version: &session.runner.opsctl_version,
    };
    let plan = plan(&basis, &live, standing, &request)?;
    let operation = DrillFailover::from_plan(&plan, &world)?;
    drive(session, &plan, &operation, report).await
}

/// A service is asked as often as the environment says.
fn pace(session: &Session) -> Pace {
    match &session.environment.settings.database {
        DatabaseTarget::Rds(rds) => Pace {
            poll: rds.poll_every,
            ..Pace::default()
        },
        DatabaseTarget::Sqlite {} | DatabaseTarget::LocalPostgres { .. } => Pace::default(),
    }
}

/// The instance with a standby, where that is asked for.
async fn standing(world: &World, kind: Kind) -> Result<Option<Standing>> {
    let ports = world.failover()?;
    if kind == FailoverKind::Replica && ports.replicas.is_none() {
        let name = &world.environment.name;
        let what = format!("no replica can be made of the database of '{name}'");
        let hint = format!("opsctl --env {name} drill failover --kind multi-az");
        return Err(Failure::refused(what)
            .cause("opsctl makes none of an instance of RDS; what RDS keeps itself is its standby")
            .hint(hint));
    }
    match (kind, &ports.standby) {
        (Kind::MultiAz, Some(standby)) => standby.look().await.map(Some),
        _ => Ok(None),
    }
}

/// What a failover came to, in a few lines.
#[must_use]
pub fn report(result: &Value) -> String {
    if !result["document"]["region"].is_null() {
        return region::report(result);
    }
    let (document, over) = (&result["document"], &result["document"]["failover"]);
    let word = |value: &Value| value.as_str().unwrap_or("unknown").to_owned();
    let mut text = format!(
        "drill {}: {}\n  moved     {} → {} ({})\n",
        word(&document["verdict"]),
        word(&document["operation"]),
        word(&over["from"]),
        word(&over["to"]),
        word(&over["kind"]),
    );
    for lane in ["writes", "reads"] {
        let felt = &over[lane];
        text.push_str(&format!(
            "  {lane:<8}  longest gap {:.2} s of {:.0} s; {} answered, {} not\n",
            felt["longest_gap_seconds"].as_f64().unwrap_or_default(),
            document["rto"]["target_seconds"]
                .as_f64()
                .unwrap_or_default(),
            felt["answered"],
            felt["failed"],
        ));
    }
    text.push_str(&format!(
        "  lost      {} acknowledged writes; {} without an answer, {} of them kept\n",
        over["lost_writes"], over["unanswered_writes"], over["unanswered_kept"],
    ));
    if let Some(lineage) = result["set_aside"]["lineage_id"].as_str() {
        text.push_str(&format!("  set aside lineage {lineage}\n"));
    }
    text.push_str(&format!("  evidence  {}\n", word(&result["evidence"])));
    text
}
