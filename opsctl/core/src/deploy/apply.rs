//! Applying one object exactly as planned, or not at all.

use crate::failure::{Failure, FailureKind, Result};
use crate::guard::Permit;
use crate::ports::{Cluster, Refusal, RefusalReason};
use crate::workloads::Object;

use super::compare::change;
use super::inputs::{ObjectChange, PlannedObject, precondition};
use super::settle::{OPERATION, Stamp};
use super::verdict::Finding;

/// How often an object may change under our hands (its state, mostly) before that is taken for a fault.
const ATTEMPTS: usize = 20;

/// Applies one object. What changed of it meanwhile does not matter, unless it is a field that was planned.
///
/// # Errors
/// When a planned field drifted, or the server refuses.
pub async fn apply(
    cluster: &dyn Cluster,
    permit: &Permit<'_>,
    planned: &PlannedObject,
    stamp: &Stamp<'_>,
) -> Result<Object> {
    let name = planned.object.reference();
    let mut expected = match &planned.change {
        ObjectChange::Change {
            resource_version, ..
        } => Some(resource_version.clone()),
        _ => None,
    };
    for _ in 0..ATTEMPTS {
        let mut object = planned.object.clone();
        stamp.put(&mut object);
        match &expected {
            Some(version) => {
                object.0["metadata"]["resourceVersion"] = version.as_str().into();
                // Without it, one that was deleted meanwhile would be made anew.
                if let ObjectChange::Change { uid, .. } = &planned.change {
                    object.0["metadata"]["uid"] = uid.as_str().into();
                }
            }
            // Nobody may have made it meanwhile: an empty uid would be ours to overwrite.
            None => {
                if let Some(live) = cluster.get(&name).await? {
                    expected = Some(proven_again(cluster, planned, &live, stamp).await?);
                    continue;
                }
            }
        }
        permit.check()?;
        match cluster.apply(permit, &object).await? {
            Ok(applied) => return Ok(applied),
            Err(refusal) if refusal.reason == RefusalReason::Conflict => {
                let live = cluster.get(&name).await?;
                let live = live.ok_or_else(|| drifted(&name.to_string(), "it is gone"))?;
                expected = Some(proven_again(cluster, planned, &live, stamp).await?);
            }
            Err(refusal) => return Err(refused(&refusal)),
        }
    }
    Err(Failure::failed(format!("{name} never stands still"))
        .cause(format!(
            "somebody changed it {ATTEMPTS} times while it was applied"
        ))
        .hint("opsctl status"))
}

/// The version of the live object, once it is certain that applying still does exactly what was planned.
async fn proven_again(
    cluster: &dyn Cluster,
    planned: &PlannedObject,
    live: &Object,
    stamp: &Stamp<'_>,
) -> Result<String> {
    let version = live.resource_version().to_owned();
    // An earlier run of this operation wrote it.
    if live.annotation(OPERATION) == Some(stamp.operation.as_str()) {
        return Ok(version);
    }
    let mut object = planned.object.clone();
    super::settle::wear_the_marks_of(live, &mut object);
    let answers = cluster.preview(std::slice::from_ref(&object)).await?;
    let previewed = answers
        .into_iter()
        .next()
        .ok_or_else(|| Failure::new(FailureKind::Unknown, "the API server gave no answer"))?;
    let now = change(Some(live), &previewed.map_err(|refusal| refused(&refusal))?);
    let name = planned.object.reference();
    let (was, is) = (
        planned.precondition(),
        precondition(&name, planned.wave, &now),
    );
    match was.value == is.value {
        true => Ok(version),
        false => Err(drifted(
            &name.to_string(),
            &format!("planned: {}; now: {}", was.value, is.value),
        )),
    }
}

fn drifted(name: &str, how: &str) -> Failure {
    Failure::refused(format!("{name} changed since the plan was made"))
        .cause(how.to_owned())
        .hint("opsctl deploy --dry-run shows what would change now")
}

/// A refusal as a failure of the operation.
#[must_use]
pub fn refused(refusal: &Refusal) -> Failure {
    let finding = Finding::of_refusal(refusal);
    let what = format!("the API server refuses {}", refusal.object);
    Failure::new(FailureKind::PromiseBroken, what)
        .cause(finding.to_string())
        .hint(finding.hint)
}
