//! What there is of a copy, from its instance and its tags alone.

use aws_sdk_rds::types::DbInstance;
use opsctl_core::clock::Timestamp;
use opsctl_core::names::{OperationId, ScratchName};
use opsctl_core::ports::{Copy, CopyState, RecoveryTarget};
use opsctl_core::{Failure, Result};

use super::super::instances;
use super::super::site::RdsSite;
use super::super::states::{Standing, standing};
use super::super::tags::{EXPIRES, OPENED, RECOVERED_TO, ROLE, SCRATCH, SERVING, TARGET, Tags};

/// What there is.
pub(super) async fn state(site: &RdsSite, name: &ScratchName) -> Result<CopyState> {
    match instances::find(site, name.as_str()).await? {
        Some(found) => of(site, name, &found),
        None => Ok(CopyState::Absent),
    }
}

fn of(site: &RdsSite, name: &ScratchName, found: &DbInstance) -> Result<CopyState> {
    let tags = instances::tags(found);
    if !is_ours(site, &tags) {
        let what = format!("instance '{name}', which opsctl did not restore");
        return Ok(CopyState::Foreign(what));
    }
    Ok(match standing(instances::status(found)) {
        Standing::Going => CopyState::Absent,
        Standing::DeadEnd => CopyState::Partial,
        // A change of settings comes after the restore: the copy is whole all the while.
        Standing::Underway if tags.text(OPENED).is_none() => CopyState::Partial,
        _ if tags.text(OPENED).is_some() => CopyState::Running(copy(site, name, found)?),
        _ => CopyState::Fetched,
    })
}

/// Whether a restore of this environment made it.
pub(in super::super) fn is_ours(site: &RdsSite, tags: &Tags) -> bool {
    let role = tags.text(ROLE);
    tags.is_of(&site.environment) && (role == Some(SCRATCH) || role == Some(SERVING))
}

/// The copy as it answers.
pub(in super::super) fn copy(
    site: &RdsSite,
    name: &ScratchName,
    found: &DbInstance,
) -> Result<Copy> {
    let tags = instances::tags(found);
    let lacks = |what: &str| Failure::failed(format!("the tags of '{name}' don't say {what}"));
    Ok(Copy {
        name: name.clone(),
        location: instances::administrator(&site.ways, found)?,
        lineage_id: tags.lineage().ok_or_else(|| lacks("its lineage"))?,
        recovered_to: tags
            .moment(RECOVERED_TO)
            .ok_or_else(|| lacks("how far it was recovered"))?,
        next_transaction_id: None,
        timeline: None,
    })
}

/// What a copy was restored to, as its tag says it.
pub(super) fn words(target: &RecoveryTarget) -> String {
    match target {
        RecoveryTarget::Backup { id } => format!("backup {id}"),
        RecoveryTarget::Time { to, .. } => format!("time {to}"),
    }
}

/// Whether it was restored to that.
pub(super) fn is_restored_to(found: &DbInstance, target: &RecoveryTarget) -> bool {
    instances::tags(found).is(TARGET, &words(target))
}

/// A scratch copy with its owner and end.
pub(super) fn scratch(
    site: &RdsSite,
    found: &DbInstance,
) -> Option<(ScratchName, OperationId, Timestamp)> {
    let tags = instances::tags(found);
    let here = tags.is_of(&site.environment) && tags.is(ROLE, SCRATCH);
    if !here || standing(instances::status(found)) == Standing::Going {
        return None;
    }
    let name = ScratchName::new(instances::name(found)).ok()?;
    Some((name, tags.operation()?, tags.moment(EXPIRES)?))
}
