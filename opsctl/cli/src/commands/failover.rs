//! `opsctl drill failover`

use std::time::Duration;

use opsctl_core::costs::{self, Billed};
use opsctl_core::engine::{Basis, OperationKind};
use opsctl_core::environment::{DatabaseTarget, Span};
use opsctl_core::failover::{CacheFound, DrillFailover, FailoverRequest, Found, Kind, Pace, plan};
use opsctl_core::ports::{Through, World};
use opsctl_core::restore::{Live, due};
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
        FailoverKind::Cache => Kind::Cache,
        FailoverKind::Region => return region::run(session).await,
    };
    let world = match kind {
        Kind::Replica => session.world_followed().await?,
        Kind::MultiAz | Kind::Cache => session.world().await?,
    };
    let found = found(&world, kind, args).await?;
    let request = FailoverRequest {
        kind,
        acknowledge_within: args.patience.acknowledge_within,
        pace: pace(session, args),
    };
    let live = Live::see(&world).await?;
    let basis = Basis {
        environment: &session.environment,
        operation: session.new_operation(OperationKind::DrillFailover)?,
        now: session.now(),
        opsctl_version: &session.runner.opsctl_version,
    };
    let plan = plan(&basis, &live, &found, &request)?;
    let plan = match kind {
        Kind::Replica => costs::priced(plan, costs::of_serving(&world).await, kept(session)),
        Kind::MultiAz | Kind::Cache => plan,
    };
    let operation = DrillFailover::from_plan(&plan, &world)?;
    drive(session, &plan, &operation, report).await
}

/// The database before stays, and is paid for beside its successor.
pub(super) fn kept(session: &Session) -> Billed {
    Billed::WhileKept(due(&session.environment.promises, session.now()))
}

/// A user may ask the application so often; a minute of it stays under what one user is allowed.
const OF_ONE_USER: Span = Span(Duration::from_millis(250));

/// A service is asked as often as the environment says.
fn pace(session: &Session, args: &DrillFailoverArgs) -> Pace {
    let usual = match &session.environment.settings.database {
        DatabaseTarget::Rds(rds) => Pace {
            poll: rds.poll_every,
            ..Pace::default()
        },
        DatabaseTarget::Sqlite {} | DatabaseTarget::LocalPostgres { .. } => Pace::default(),
    };
    match args.url {
        Some(_) => Pace {
            every: OF_ONE_USER,
            ..usual
        },
        None => usual,
    }
}

/// What a service keeps of what fails over.
async fn found(world: &World, kind: Kind, args: &DrillFailoverArgs) -> Result<Found> {
    let ports = world.failover()?;
    if args.url.is_some() && kind != Kind::Cache {
        return Err(Failure::usage("--url is for --kind cache")
            .cause("of a database the prober writes rows of its own"));
    }
    if kind == Kind::Replica {
        ports.replicas.possible().await?;
    }
    Ok(match (kind, &ports.standby, &ports.cache) {
        (Kind::MultiAz, Some(standby), _) => Found::Instance(standby.look().await?),
        (Kind::Cache, _, Some(cache)) => {
            let look = cache.group.look_closely().await?;
            let through = match &args.url {
                None => Through::Cache { slots: look.slots },
                Some(url) => Through::Application {
                    url: url.clone(),
                    authority: args.authority.clone(),
                },
            };
            // What it needs is told before anything is planned.
            cache.visitors.by(&through).await?;
            let tested = cache.group.tested_today().await?;
            let found = CacheFound {
                look,
                tested,
                through,
            };
            Found::Cache(Box::new(found))
        }
        _ => Found::Nothing,
    })
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
    if let Some(asked) = over["asked"].as_str() {
        text.push_str(&format!(
            "  asked     {asked}; the longest that a read was stale: {:.2} s\n",
            over["stale_seconds"].as_f64().unwrap_or_default()
        ));
    }
    if let Some(lineage) = result["set_aside"]["lineage_id"].as_str() {
        text.push_str(&format!("  set aside lineage {lineage}\n"));
    }
    text.push_str(&format!("  evidence  {}\n", word(&result["evidence"])));
    text
}
