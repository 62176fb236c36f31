//! What a failover drill will do. Pure: what was observed in, a plan out.

mod cache;
mod multi_az;
mod replica;

use super::names::{EVIDENCE, MEASURE, PREPARE, PROBE, TIDY};
pub use cache::CacheFound;

use super::{FailoverInputs, Kind, Pace};
use crate::engine::{
    Action, Basis, Effect, Fact, OperationKind, Plan, Precondition, Severity, When,
};
use crate::environment::{Protection, Span};
use crate::failure::{Failure, Result};
use crate::names::{ResourceName, StepName};
use crate::ports::{DatabaseIdentity, Standing};
use crate::restore::names::step;
use crate::restore::{CrossingInputs, Live, Source, descriptor_precondition, frozen_by};

/// What a failover drill was asked for.
#[derive(Debug, Clone)]
pub struct FailoverRequest {
    /// What fails over.
    pub kind: Kind,
    /// How long each process may take to acknowledge.
    pub acknowledge_within: Span,
    /// How often users are stood in for.
    pub pace: Pace,
}

/// What was found of what fails over, where a service keeps it.
#[derive(Debug, Clone)]
pub enum Found {
    /// A database that is no service's.
    Nothing,
    /// The instance with a standby.
    Instance(Standing),
    /// The cache.
    Cache(Box<CacheFound>),
}

impl Found {
    fn standing(&self) -> Option<&Standing> {
        match self {
            Self::Nothing => None,
            Self::Instance(standing) => Some(standing),
            Self::Cache(found) => Some(&found.look.standing),
        }
    }

    fn cache(&self) -> Option<&CacheFound> {
        match self {
            Self::Cache(found) => Some(found),
            Self::Nothing | Self::Instance(_) => None,
        }
    }
}

/// Plans a failover drill.
///
/// # Errors
/// Refuses when the live database does not answer, is not the descriptor's, is frozen, or has no standby to go to.
pub fn plan(
    basis: &Basis<'_>,
    live: &Live,
    found: &Found,
    request: &FailoverRequest,
) -> Result<Plan> {
    let identity = ready(basis, live)?;
    match request.kind {
        Kind::Replica => {}
        Kind::MultiAz => multi_az::ready(basis, found.standing())?,
        Kind::Cache => cache::ready(basis, found.cache())?,
    }
    let inputs = inputs(basis, live, identity, found, request);
    let environment = basis.environment;
    let part = match inputs.kind {
        Kind::Replica => replica::part(&environment.settings.database, live, &inputs),
        Kind::MultiAz => multi_az::part(&inputs),
        Kind::Cache => cache::part(&inputs, found.cache()),
    };
    let descriptor = descriptor_precondition(Some(&live.descriptor));
    Ok(Plan {
        severity: match environment.settings.protection {
            Protection::Protected => Severity::Severe,
            Protection::Open => Severity::Moderate,
        },
        resources: vec![ResourceName::new("database")?],
        actions: part.actions,
        preconditions: vec![Precondition {
            until: Some(part.until),
            ..descriptor
        }],
        context: part.context,
        unchecked: part.unchecked,
        point_of_no_return: Some(part.point_of_no_return),
        ..Plan::of(OperationKind::DrillFailover, basis, &inputs)?
    })
}

/// What differs by kind.
struct Part {
    actions: Vec<Action>,
    context: Vec<Fact>,
    unchecked: Vec<String>,
    /// The step that changes what the application is told, or what it finds there.
    until: StepName,
    point_of_no_return: StepName,
}

fn ready<'l>(basis: &Basis<'_>, live: &'l Live) -> Result<&'l DatabaseIdentity> {
    let name = &basis.environment.name;
    let refuse = |what: String| Failure::refused(what).left("nothing was changed");
    if let Some(holder) = frozen_by(&live.descriptor) {
        return Err(refuse(format!("'{name}' is frozen by {holder}"))
            .hint(format!("opsctl --env {name} operation show {holder}")));
    }
    let lineage = live.descriptor.lineage_id;
    match &live.answer {
        Ok(found) if found.lineage_id == lineage => Ok(found),
        Ok(found) => Err(refuse(format!(
            "the database that answers is lineage {}, the descriptor names {lineage}",
            found.lineage_id
        ))
        .hint(format!("opsctl --env {name} doctor"))),
        Err(failure) => {
            let refused = refuse(format!("the live database of '{name}' does not answer"))
                .cause(failure.to_string());
            let start = basis.environment.starting_command();
            Err(start.into_iter().fold(refused, Failure::hint))
        }
    }
}

fn inputs(
    basis: &Basis<'_>,
    live: &Live,
    identity: &DatabaseIdentity,
    found: &Found,
    request: &FailoverRequest,
) -> FailoverInputs {
    let (descriptor, environment) = (&live.descriptor, basis.environment);
    let expires = environment.settings.drill.scratch_expires_after.0;
    FailoverInputs {
        kind: request.kind,
        old: CrossingInputs {
            instance_id: descriptor.instance_id,
            lineage_id: descriptor.lineage_id,
            location: descriptor.location.clone(),
            administrator: live.administrator.clone(),
            copy: live.copy.clone(),
            mode: descriptor.mode,
            source: Source::Reachable,
            acknowledge_within: request.acknowledge_within,
        },
        effects: identity.effects,
        sessions_valid_after: identity.sessions_valid_after,
        replica: basis.operation.scratch(),
        expires_at: basis.now.plus(expires),
        standing: found.standing().cloned(),
        through: found.cache().map(|found| found.through.clone()),
        promises: environment.promises,
        pace: request.pace,
    }
}

/// A line of the list of actions.
type Row<'a> = (&'static str, Effect, &'a str, &'a str, When);

fn actions(rows: Vec<Row<'_>>) -> Vec<Action> {
    rows.into_iter()
        .map(|(name, effect, object, summary, when)| Action {
            step: step(name),
            effect,
            object: object.to_owned(),
            summary: summary.to_owned(),
            when,
        })
        .collect()
}

#[rustfmt::skip]
fn prepare(live: &str) -> Row<'_> {
    (PREPARE, Effect::Create, live, "make a place for the prober's rows, apart from the application's", When::Success)
}

#[rustfmt::skip]
fn probe(live: &str) -> Row<'_> {
    (PROBE, Effect::Create, live, "write and read as users do, until the end", When::Success)
}

/// How every drill ends.
#[rustfmt::skip]
fn told<'a>() -> [Row<'a>; 2] {
    [
        (MEASURE, Effect::Read, "what users felt", "the longest gaps, and lost writes", When::Success),
        (EVIDENCE, Effect::Create, "evidence", "sign what was seen", When::Success),
    ]
}

#[rustfmt::skip]
fn tidy<'a>() -> Row<'a> {
    (TIDY, Effect::Destroy, "the prober's rows", "take them away", When::Always)
}

fn fact(name: &str, value: impl Into<String>) -> Fact {
    Fact {
        name: name.into(),
        value: value.into(),
    }
}
