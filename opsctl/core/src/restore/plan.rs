//! The plan of `opsctl restore`. Pure: everything that varies comes in.

use super::names::{SWITCH, step};
use super::observe::{Available, Live};
use super::{
    CrossingInputs, CutOverWish, Destination, RestoreInputs, RestoreRequest, Source, actions,
    choose, facts,
};
use crate::engine::{Basis, OperationKind, Plan, Precondition, Severity};
use crate::environment::Span;
use crate::failure::{Failure, Result};
use crate::names::ResourceName;
use crate::ports::BackupRecord;

/// Plans a restore.
///
/// # Errors
/// Refuses what can't or must not be done, before anything is done.
pub fn plan(
    basis: &Basis<'_>,
    available: &Available,
    live: Option<&Live>,
    request: &RestoreRequest,
) -> Result<Plan> {
    let lineage = live.map(|live| live.descriptor.lineage_id);
    let name = &basis.environment.name;
    let (target, backup) = choose::choose(name, available, lineage, &request.point)?;
    let crossing = match (&request.destination, live) {
        (Destination::Scratch | Destination::Away(_), _) => None,
        (Destination::CutOver(wish), Some(live)) => Some(leaving(basis, live, wish, &backup)?),
        (Destination::CutOver(_), None) => {
            return Err(Failure::usage("a cut-over needs to see the live database"));
        }
    };
    let expires = basis.environment.settings.drill.scratch_expires_after.0;
    let inputs = RestoreInputs {
        target,
        manifest_sha256: backup.manifest_sha256.clone(),
        schema_version: backup.schema_version,
        instance_id: backup.instance_id,
        scratch: basis.operation.scratch(),
        away: match &request.destination {
            Destination::Away(place) => Some(place.clone()),
            Destination::Scratch | Destination::CutOver(_) => None,
        },
        expires_at: basis.now.plus(expires),
        crossing,
    };
    assemble(basis, live, &backup, &inputs)
}

fn assemble(
    basis: &Basis<'_>,
    live: Option<&Live>,
    backup: &BackupRecord,
    inputs: &RestoreInputs,
) -> Result<Plan> {
    let cut_over = inputs.crossing.is_some();
    let mut actions = actions::to_a_proven_copy(inputs);
    if let Some(old) = &inputs.crossing {
        actions.extend(actions::crossing(old, inputs));
    }
    actions.extend(actions::way_back(inputs));
    let resources = match cut_over {
        true => vec![ResourceName::new("database")?],
        false => Vec::new(),
    };
    Ok(Plan {
        severity: if cut_over {
            Severity::Severe
        } else {
            Severity::Mild
        },
        resources,
        actions,
        preconditions: preconditions(inputs, live),
        context: facts::about(backup, live, inputs, basis.now),
        unchecked: facts::unchecked(inputs),
        point_of_no_return: cut_over.then(|| step(SWITCH)),
        ..Plan::of(OperationKind::Restore, basis, inputs)?
    })
}

/// What is left when the copy takes over.
fn leaving(
    basis: &Basis<'_>,
    live: &Live,
    wish: &CutOverWish,
    backup: &BackupRecord,
) -> Result<CrossingInputs> {
    let name = &basis.environment.name;
    let descriptor = &live.descriptor;
    match (wish.source, &live.answer) {
        (Source::Reachable, Err(failure)) => {
            let refused = Failure::refused(format!(
                "the live database of '{name}' does not answer, so it can't be fenced"
            ))
            .cause(failure.to_string())
            .left("nothing was changed");
            let start = basis.environment.starting_command();
            return Err(start.into_iter().fold(refused, Failure::hint).hint(
                "bring it back, or add --source-unreachable --accept-data-loss when it is lost",
            ));
        }
        (Source::Unreachable, Ok(_)) => {
            return Err(Failure::refused(format!(
                "the live database of '{name}' answers: --source-unreachable is for one that does not"
            ))
            .left("nothing was changed")
            .hint("leave --source-unreachable away: the database is fenced and its rows are counted"));
        }
        (Source::Reachable, Ok(found)) if found.lineage_id != descriptor.lineage_id => {
            return Err(Failure::refused(format!(
                "the database that answers is lineage {}, the descriptor names {}",
                found.lineage_id, descriptor.lineage_id
            ))
            .left("nothing was changed")
            .hint(format!("opsctl --env {name} doctor")));
        }
        _ => {}
    }
    if backup.instance_id != descriptor.instance_id {
        return Err(Failure::refused(format!(
            "backup '{}' is of instance {}, '{name}' is instance {}",
            backup.id, backup.instance_id, descriptor.instance_id
        ))
        .left("nothing was changed")
        .hint(format!("opsctl --env {name} backup list")));
    }
    if let Some(holder) = super::crossing::frozen_by(descriptor) {
        return Err(Failure::refused(format!("'{name}' is frozen by {holder}"))
            .left("nothing was changed")
            .hint(format!("opsctl --env {name} operation show {holder}")));
    }
    Ok(CrossingInputs {
        instance_id: descriptor.instance_id,
        lineage_id: descriptor.lineage_id,
        location: descriptor.location.clone(),
        administrator: live.administrator.clone(),
        copy: live.copy.clone(),
        mode: descriptor.mode,
        source: wish.source,
        acknowledge_within: Span(wish.acknowledge_within),
    })
}

fn preconditions(inputs: &RestoreInputs, live: Option<&Live>) -> Vec<Precondition> {
    let mut list = vec![facts::backup_precondition(inputs)];
    if let (Some(_), Some(live)) = (&inputs.crossing, live) {
        list.push(facts::descriptor_precondition(Some(&live.descriptor)));
    }
    list
}
