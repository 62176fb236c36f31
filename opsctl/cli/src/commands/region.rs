//! `opsctl drill failover --kind region`

use opsctl_core::Result;
use opsctl_core::costs::{self, Billed};
use opsctl_core::deploy::workloads as workloads_of;
use opsctl_core::engine::{Basis, OperationKind};
use opsctl_core::failover::abroad::{self, Found, Rendered, WorkloadInputs};
use opsctl_core::failover::{DrillRegion, RegionInputs, RegionObserved, Regions, plan_region};
use opsctl_core::ports::World;
use serde_json::Value;

use super::deploy::rendered_from;
use super::drill;
use super::drive::drive;
use crate::session::Session;

/// Brings the environment back in the backup region, where nobody is served from it, and measures.
///
/// # Errors
/// Whatever stopped it.
pub(super) async fn run(session: &Session) -> Result<u8> {
    let world = session.world().await?;
    let away = world.away()?;
    let mut parts = away.readiness.look().await;
    let (part, found) = abroad::workloads(&world, away).await;
    parts.push(part);
    let observed = RegionObserved {
        regions: Regions {
            home: away.home.clone(),
            place: away.place.clone(),
        },
        copies: away.backups.list().await?.0,
        source: drill::source(session, &world).await?,
        parts,
        workloads: workloads(session, &world, found)?,
    };
    let basis = Basis {
        environment: &session.environment,
        operation: session.new_operation(OperationKind::DrillFailover)?,
        now: session.now(),
        opsctl_version: &session.runner.opsctl_version,
    };
    let plan = plan_region(&basis, &observed)?;
    let inputs: RegionInputs = plan.inputs()?;
    let cost = costs::of_copy(&world.seen_from_away()?, inputs.drill.backup.id()).await;
    let plan = costs::priced(plan, cost, Billed::UntilItEnds(inputs.drill.expires_at));
    let operation = DrillRegion::from_plan(&plan, &world)?;
    drive(session, &plan, &operation, report).await
}

/// What can be run there, from the overlay that is meant for it.
fn workloads(
    session: &Session,
    world: &World,
    found: Option<Found>,
) -> Result<Option<WorkloadInputs>> {
    let Some(found) = found else {
        return Ok(None);
    };
    let (settings, serving) = (
        world.abroad()?.settings(),
        workloads_of(&session.environment)?,
    );
    let rendered = Rendered {
        objects: rendered_from(session, &settings.manifests, settings.outputs.as_deref())?,
        patience: serving.patience,
        serving: serving.namespace.clone(),
    };
    abroad::inputs(settings, &found, rendered).map(Some)
}

/// What a drill of a lost region came to: what there is, the restore, and the way back.
pub(super) fn report(result: &Value) -> String {
    let region = &result["document"]["region"];
    let word = |value: &Value| value.as_str().unwrap_or("unknown").to_owned();
    let mut text = drill::report(result);
    text.push_str(&format!(
        "  region    {} counts as lost, {} was ready so far:\n",
        word(&region["from"]),
        word(&region["to"])
    ));
    for part in region["parts"].as_array().into_iter().flatten() {
        let state = word(&part["state"]).replace('_', " ");
        let (name, detail) = (word(&part["name"]), word(&part["detail"]));
        text.push_str(&format!("    {state:8} {name}: {detail}\n"));
    }
    if let Some(run) = region["workloads"].as_object() {
        let seconds = |name: &str| run[name].as_f64().unwrap_or_default();
        let ended = match run["served"].as_bool() {
            Some(true) => "served",
            _ => "did not serve",
        };
        text.push_str(&format!(
            "  run there release {} {ended}: deployed in {:.1} s, switched in {:.1} s, first answer after {:.1} s more\n",
            run["release"],
            seconds("deploy_seconds"),
            seconds("switch_seconds"),
            seconds("first_request_seconds"),
        ));
    }
    for left in region["not_drilled"].as_array().into_iter().flatten() {
        text.push_str(&format!("    not drilled  {}\n", word(left)));
    }
    let steps = result["fail_back"]["steps"].as_array();
    text.push_str(&format!(
        "  way back  {}\n",
        word(&result["fail_back"]["place"])
    ));
    for (number, step) in steps.into_iter().flatten().enumerate() {
        text.push_str(&format!("    {}. {}\n", number + 1, word(&step["what"])));
        for command in step["commands"].as_array().into_iter().flatten() {
            text.push_str(&format!("         {}\n", word(command)));
        }
    }
    text
}
