//! What an adoption does.

use serde_json::json;

use crate::clock::Timestamp;
use crate::engine::{Action, Effect, Fact, OperationKind, Plan, Precondition, Severity, When};
use crate::environment::Environment;
use crate::failure::{Failure, Result};
use crate::lineage::LineageRegister;
use crate::names::{InstanceId, LineageId, OperationId, ResourceName, StepName};
use crate::ports::{DatabaseIdentity, DatabaseRole, Descriptor, Location, Mode, World};

pub(super) const IDENTIFY: &str = "identify";
pub(super) const POINT: &str = "point";
pub(super) const RECORD: &str = "record";

/// What the plan is made from.
#[derive(Debug, Clone)]
pub struct Observed {
    /// The operation's id.
    pub operation: OperationId,
    /// Now.
    pub now: Timestamp,
    /// The opsctl that plans.
    pub opsctl_version: String,
    /// What the application is told; of generation 0 where nobody told it anything yet.
    pub descriptor: Descriptor,
    /// Where an administrator connects.
    pub administrator: Location,
    /// Who the database says it is; `None` when it was never told.
    pub identity: Option<DatabaseIdentity>,
    /// What the record says.
    pub register: LineageRegister,
}

/// What a plan of an adoption carries.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AdoptInputs {
    /// The instance that will be the environment's own.
    pub instance_id: InstanceId,
    /// Its line of history.
    pub lineage_id: LineageId,
    /// Where an administrator connects.
    pub administrator: Location,
    /// Where the application connects, for an environment that has no descriptor yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub application: Option<Location>,
    /// Why.
    pub reason: String,
}

impl Observed {
    /// Looks.
    ///
    /// # Errors
    /// When there is no descriptor, or the database that it names does not answer.
    pub async fn see(world: &World, operation: OperationId, version: &str) -> Result<Self> {
        let found = world.pointer.read().await?;
        let (descriptor, administrator) = match found {
            Some(descriptor) => {
                let administrator = world.pointer.administrator(&descriptor).await?;
                (descriptor, administrator)
            }
            None => standing(world).await?,
        };
        let identity = ask(world, &administrator).await?;
        Ok(Self {
            operation,
            now: world.clock.now(),
            opsctl_version: version.to_owned(),
            descriptor,
            administrator,
            identity,
            register: LineageRegister::load(world.store.as_ref()).await?,
        })
    }
}

/// The database that the infrastructure made, of which nobody was told yet.
async fn standing(world: &World) -> Result<(Descriptor, Location)> {
    let name = &world.environment.name;
    let standing = world.provision.standing().await?.ok_or_else(|| {
        Failure::refused(format!("'{name}' has no database to adopt"))
            .left("nothing was changed")
            .hint(format!("opsctl --env {name} migrate up"))
    })?;
    let descriptor = Descriptor {
        version: Descriptor::VERSION,
        generation: 0,
        location: standing.application,
        instance_id: InstanceId(uuid::Uuid::new_v4()),
        lineage_id: LineageId(uuid::Uuid::new_v4()),
        mode: Mode::Normal,
        other: serde_json::Map::new(),
    };
    Ok((descriptor, standing.administrator))
}

/// Who the database says it is.
pub(super) async fn ask(world: &World, at: &Location) -> Result<Option<DatabaseIdentity>> {
    let database = world.databases.open(at).await?;
    let identity = database.identity().await;
    database.close().await;
    identity
}

/// Plans an adoption.
///
/// # Errors
/// Refuses a copy, and a database that was set aside.
pub fn plan(observed: &Observed, reason: String, environment: &Environment) -> Result<Plan> {
    let name = &environment.name;
    refuse(observed, environment)?;
    let descriptor = &observed.descriptor;
    let (instance_id, lineage_id) = match &observed.identity {
        Some(identity) => (identity.instance_id, identity.lineage_id),
        None => (descriptor.instance_id, descriptor.lineage_id),
    };
    let inputs = AdoptInputs {
        instance_id,
        lineage_id,
        administrator: observed.administrator.clone(),
        application: (descriptor.generation == 0).then(|| descriptor.location.clone()),
        reason,
    };
    Ok(Plan {
        format: Plan::FORMAT,
        operation: observed.operation.clone(),
        kind: OperationKind::EnvAdopt,
        environment: name.clone(),
        created_at: observed.now,
        opsctl_version: observed.opsctl_version.clone(),
        severity: Severity::Severe,
        resources: vec![ResourceName::new("database")?],
        actions: actions(&inputs),
        preconditions: preconditions(
            (descriptor.generation > 0).then_some(descriptor),
            observed.identity.as_ref(),
        ),
        context: facts(observed, &inputs),
        cost: None,
        unchecked: Vec::new(),
        point_of_no_return: None,
        inputs: json!(inputs),
    })
}

fn refuse(observed: &Observed, environment: &Environment) -> Result<()> {
    let name = &environment.name;
    let Some(identity) = &observed.identity else {
        return Ok(());
    };
    let (what, hint) = match identity.role {
        DatabaseRole::Primary => return Ok(()),
        DatabaseRole::Scratch => (
            "is a restored copy",
            format!("opsctl --env {name} restore --cut-over"),
        ),
        DatabaseRole::Superseded => (
            "was set aside by a cut-over",
            format!("opsctl --env {name} restore undo"),
        ),
    };
    Err(Failure::refused(format!(
        "the database of lineage {} {what}: it is not adopted",
        identity.lineage_id
    ))
    .left("nothing was changed")
    .hint(hint))
}

/// What must still be so, until the step that changes it.
pub(super) fn preconditions(
    descriptor: Option<&Descriptor>,
    identity: Option<&DatabaseIdentity>,
) -> Vec<Precondition> {
    let said = descriptor.map_or_else(
        || "none".into(),
        |found| format!("lineage {}, {}", found.lineage_id, found.location.url),
    );
    let says = identity.map_or_else(
        || "nobody".into(),
        |found| {
            format!(
                "instance {}, lineage {}",
                found.instance_id, found.lineage_id
            )
        },
    );
    vec![
        Precondition {
            name: "database descriptor".into(),
            value: said,
            until: Some(StepName::fixed(POINT)),
        },
        Precondition {
            name: "database identity".into(),
            value: says,
            until: Some(StepName::fixed(IDENTIFY)),
        },
    ]
}

fn actions(inputs: &AdoptInputs) -> Vec<Action> {
    let action = |step, object: String, summary: &str| Action {
        step: StepName::fixed(step),
        effect: Effect::Change,
        object,
        summary: summary.into(),
        when: When::Success,
    };
    let database = format!("database of lineage {}", inputs.lineage_id);
    vec![
        action(IDENTIFY, database, "let it say that it is the primary"),
        action(
            POINT,
            "database descriptor".into(),
            "name the database as it names itself",
        ),
        action(
            RECORD,
            "record of lineages".into(),
            "make it the environment's own",
        ),
    ]
}

fn facts(observed: &Observed, inputs: &AdoptInputs) -> Vec<Fact> {
    let recorded = observed
        .register
        .current
        .as_ref()
        .map_or("none".into(), |current| current.lineage_id.to_string());
    let fact = |name: &str, value: String| Fact {
        name: name.into(),
        value,
    };
    vec![
        fact("at", inputs.administrator.url.clone()),
        fact("the descriptor names", named(&observed.descriptor)),
        fact("on record is", format!("lineage {recorded}")),
        fact("reason", inputs.reason.clone()),
    ]
}

fn named(descriptor: &Descriptor) -> String {
    match descriptor.generation {
        0 => "nothing: there is none yet".to_owned(),
        _ => format!("lineage {}", descriptor.lineage_id),
    }
}
