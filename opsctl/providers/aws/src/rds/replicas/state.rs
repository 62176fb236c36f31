//! What there is of a replica, from its instance and its tags alone.

use aws_sdk_rds::types::DbInstance;
use opsctl_core::names::{LineageId, ScratchName};
use opsctl_core::ports::{Position, ReplicaState};
use opsctl_core::{Failure, Result};

use super::super::site::RdsSite;
use super::super::states::{Standing, standing};
use super::super::tags::{CAUGHT_UP, OPENED, TARGET, Tags};
use super::super::{copies, instances};

/// What its tag says that it is a copy of.
const WORDS: &str = "lineage ";

/// What there is.
pub(super) async fn state(site: &RdsSite, name: &ScratchName) -> Result<ReplicaState> {
    let Some(found) = instances::find(site, name.as_str()).await? else {
        return Ok(ReplicaState::Absent);
    };
    if !is_ours(site, &found) {
        let what = format!("instance '{name}', which opsctl did not make as a replica");
        return Ok(ReplicaState::Foreign(what));
    }
    let standing = standing(instances::status(&found));
    Ok(match standing {
        Standing::Going => ReplicaState::Absent,
        // What was opened is whole, whatever is changed of its settings meanwhile.
        _ if is_opened(&found) => ReplicaState::Opened(copies::copy(site, name, &found)?),
        Standing::Usable if instances::follows(&found) => ReplicaState::Follows,
        Standing::Usable | Standing::Underway | Standing::DeadEnd => ReplicaState::Partial,
    })
}

/// Whether a drill of this environment made it.
fn is_ours(site: &RdsSite, found: &DbInstance) -> bool {
    let tags = instances::tags(found);
    let target = tags.text(TARGET);
    copies::is_ours(site, &tags) && target.is_some_and(|it| it.starts_with(WORDS))
}

/// What its tag says that it follows.
pub(super) fn words(lineage: LineageId) -> String {
    format!("{WORDS}{lineage}")
}

/// Whether it was made to follow that line of history.
pub(super) fn is_of(site: &RdsSite, found: &DbInstance, lineage: LineageId) -> bool {
    is_ours(site, found) && instances::tags(found).is(TARGET, &words(lineage))
}

/// The replica, which must be there and a drill's.
pub(super) async fn require(site: &RdsSite, name: &ScratchName) -> Result<DbInstance> {
    let found = instances::require(site, name.as_str()).await?;
    match is_ours(site, &found) {
        true => Ok(found),
        false => Err(Failure::refused(format!(
            "opsctl did not make the instance '{name}' as a replica"
        ))
        .left("nothing was changed")),
    }
}

pub(super) fn is_opened(found: &DbInstance) -> bool {
    instances::tags(found).text(OPENED).is_some()
}

/// With how far it was when it had everything: from then on it may be told to follow no longer.
pub(super) fn noting(tags: Tags, position: &Position) -> Tags {
    tags.with(
        CAUGHT_UP,
        format!("{} {}", position.source, position.replica),
    )
}

/// How far it was then; `None` while it only follows.
pub(super) fn noted(found: &DbInstance) -> Option<Position> {
    let tags = instances::tags(found);
    let (source, replica) = tags.text(CAUGHT_UP)?.split_once(' ')?;
    Some(Position {
        source: source.to_owned(),
        replica: replica.to_owned(),
        behind_bytes: 0,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn how_far_a_replica_was_comes_back_from_its_tag() {
        let position = Position {
            source: "16/B374D848".into(),
            replica: "16/B374D900".into(),
            behind_bytes: 0,
        };
        let tags = noting(Tags::default(), &position);
        let tagged = DbInstance::builder()
            .set_tag_list(Some(tags.told()))
            .build();
        assert_eq!(noted(&tagged), Some(position));
        assert_eq!(noted(&DbInstance::builder().build()), None);
    }
}
