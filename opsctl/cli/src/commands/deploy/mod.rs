//! `opsctl deploy` and `opsctl rollback`

mod changes;
mod diff;
mod history;
mod images;
mod manifests;
mod status;

pub use changes::changes;
pub use diff::run as diff;
pub use history::run as history;
pub use manifests::{outputs, rendered_from};
pub use status::run as status;

use std::collections::BTreeMap;

use opsctl_core::Result;
use opsctl_core::deploy::release::manifests as released;
use opsctl_core::deploy::{
    Deploy, OnFailure, Origin, Prepared, ReleaseNumber, Request, SchemaOutlook, free_to_deploy,
    plan, prepare, release::show, target_of_rollback, workloads,
};
use opsctl_core::engine::{Basis, OperationKind, Plan};
use opsctl_core::ports::World;
use serde_json::Value;

use super::drive::drive;
use super::migrate::{of_release, outlook};
use crate::args::{DeployArgs, ReleaseRules, RollbackArgs};
use crate::session::Session;

/// Deploys what the manifests say.
///
/// # Errors
/// Whatever stopped it.
pub async fn run(session: &Session, args: &DeployArgs) -> Result<u8> {
    let world = session.world_on_kubernetes().await?;
    let migration = of_release(session, &world).await?;
    let request = Request {
        manifests: manifests::rendered(session)?,
        origin: Origin::Manifests,
        images: images::chosen(session, &world, args).await?,
        running: images::found_running(session, &world).await?,
        schema: outlook(session, &world, migration.as_ref()).await?,
        migration,
        on_failure: on_failure(&args.rules),
        override_freeze: args.rules.override_freeze.clone(),
    };
    release(session, &world, request, &args.rules).await
}

/// Goes back to an earlier release.
///
/// # Errors
/// Whatever stopped it.
pub async fn rollback(session: &Session, args: &RollbackArgs) -> Result<u8> {
    let world = session.world_on_kubernetes().await?;
    let wanted = args.release.map(ReleaseNumber);
    let number = target_of_rollback(&world, wanted).await?;
    let store = world.store.as_ref();
    let request = Request {
        manifests: released(store, number).await?,
        origin: Origin::Release { number },
        images: images::pinned(&world, &show(store, number).await?.opened.images).await?,
        // What ran before and does not serve is no reason to stay there.
        running: BTreeMap::new(),
        schema: outlook(session, &world, None)
            .await
            .unwrap_or_else(|failure| SchemaOutlook::Unknown(failure.what)),
        migration: None,
        on_failure: on_failure(&args.rules),
        override_freeze: args.rules.override_freeze.clone(),
    };
    release(session, &world, request, &args.rules).await
}

const fn on_failure(rules: &ReleaseRules) -> OnFailure {
    match rules.no_rollback {
        true => OnFailure::Keep,
        false => OnFailure::RollBack,
    }
}

async fn release(
    session: &Session,
    world: &World,
    request: Request,
    rules: &ReleaseRules,
) -> Result<u8> {
    let (environment, overriding) = (&session.environment, rules.override_freeze.as_deref());
    free_to_deploy(
        &environment.name,
        workloads(environment)?,
        overriding,
        session.now(),
    )?;
    let Prepared { inputs, preflight } = prepare(world, request).await?;
    for warning in preflight.warnings() {
        session.output.say(&format!("warning: {warning}"));
    }
    preflight.pass(&environment.name)?;
    if inputs.is_empty() {
        return Ok(nothing(session, &inputs));
    }
    let kind = match inputs.origin {
        Origin::Manifests => OperationKind::Deploy,
        Origin::Release { .. } => OperationKind::Rollback,
    };
    let basis = Basis {
        environment,
        operation: session.new_operation(kind)?,
        now: session.now(),
        opsctl_version: &session.runner.opsctl_version,
    };
    let plan: Plan = plan(&inputs, &basis)?;
    let deploy = Deploy::from_plan(&plan, world)?;
    drive(session, &plan, &deploy, report).await
}

/// The cluster is already as it would be made.
fn nothing(session: &Session, inputs: &opsctl_core::deploy::DeployInputs) -> u8 {
    let objects = inputs.objects.len();
    let document = serde_json::json!({
        "environment": session.environment.name,
        "changed": [],
        "unchanged": objects,
        "release": inputs.back,
    });
    session.output.answer(&document, || {
        format!("nothing to do: all {objects} objects are as they shall be")
    });
    0
}

/// What a release came to.
#[must_use]
pub fn report(result: &Value) -> String {
    let count = |name: &str| result[name].as_array().map_or(0, Vec::len);
    let from = result["origin"]["number"].as_u64();
    let from = from
        .map(|number| format!(" (release {number} again)"))
        .unwrap_or_default();
    let gate: String = unmeasured(result);
    format!(
        "release {}{from} serves: {} objects changed, {} deleted, {} as they were{gate}",
        result["release"],
        count("changed"),
        count("pruned"),
        result["unchanged"],
    )
}

/// What nobody could tell is said once more at the end.
fn unmeasured(result: &Value) -> String {
    let looks = result["gate"].as_array().into_iter().flatten();
    let unknown = looks.filter(|it| it["verdict"] == "unavailable");
    let lines = unknown.map(|it| {
        let (name, why) = (&it["deployment"]["name"], &it["reason"]);
        format!(
            "\nthe gate could not tell of {}: {}",
            plain(name),
            plain(why)
        )
    });
    lines.collect()
}

fn plain(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
