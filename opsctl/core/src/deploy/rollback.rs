//! Which release a rollback goes to: one that served. Never merely the one before.

use super::release::{Release, ReleaseNumber, history};
use crate::failure::{Failure, Result};
use crate::ports::World;

/// The release that was asked for, or the last one that served before the present one.
///
/// # Errors
/// When there is no such release, or it never served.
pub async fn target_of_rollback(
    world: &World,
    wanted: Option<ReleaseNumber>,
) -> Result<ReleaseNumber> {
    let releases = history(world.store.as_ref()).await?;
    match wanted {
        Some(number) => asked_for(&releases, number),
        None => before_the_present(&releases).ok_or_else(|| {
            Failure::refused("no release served before the present one")
                .left("nothing was changed")
                .hint("opsctl history")
        }),
    }
}

fn asked_for(releases: &[Release], number: ReleaseNumber) -> Result<ReleaseNumber> {
    let found = releases.iter().find(|it| it.opened.number == number);
    let refuse = |what: String| {
        Err(Failure::refused(what)
            .left("nothing was changed")
            .hint("opsctl history"))
    };
    match found {
        Some(release) if release.succeeded() => Ok(number),
        Some(release) => refuse(format!("release {number} never served: {}", release.word())),
        None => refuse(format!("there is no release {number}")),
    }
}

/// The present release may be an earlier one again: going back then goes back further, and not to and fro.
fn before_the_present(releases: &[Release]) -> Option<ReleaseNumber> {
    let mut served = releases.iter().rev().filter(|release| release.succeeded());
    let present = served.next()?;
    let origin = present.opened.origin_number();
    let earlier = served.find(|release| release.opened.origin_number() < origin)?;
    Some(earlier.opened.number)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Timestamp;
    use crate::deploy::release::{Closed, Opened, Origin, Verdict};
    use crate::names::OperationId;

    fn release(number: u32, verdict: Option<Verdict>, origin: Origin) -> Release {
        let at = Timestamp::parse("2026-11-23T06:15:00Z").unwrap();
        Release {
            opened: Opened {
                number: ReleaseNumber(number),
                operation: OperationId::new("deploy-1").unwrap(),
                at,
                plan_sha256: String::new(),
                origin,
                images: Default::default(),
                inventory: Vec::new(),
            },
            closed: verdict.map(|verdict| Closed {
                at,
                verdict,
                causes: Vec::new(),
                gate: Vec::new(),
            }),
        }
    }

    fn served(number: u32) -> Release {
        release(number, Some(Verdict::Succeeded), Origin::Manifests)
    }

    #[test]
    fn a_failed_release_is_never_gone_back_to() {
        let failed = release(2, Some(Verdict::RolledBack), Origin::Manifests);
        let releases = [served(1), failed, served(3)];
        assert_eq!(before_the_present(&releases), Some(ReleaseNumber(1)));
        assert!(asked_for(&releases, ReleaseNumber(2)).is_err());
    }

    #[test]
    fn one_that_was_never_closed_is_never_gone_back_to() {
        let releases = [served(1), release(2, None, Origin::Manifests)];
        assert_eq!(before_the_present(&releases), None);
    }

    #[test]
    fn going_back_twice_goes_back_further_and_not_to_and_fro() {
        let again = Origin::Release {
            number: ReleaseNumber(2),
        };
        let releases = [
            served(1),
            served(2),
            served(3),
            release(4, Some(Verdict::Succeeded), again),
        ];
        assert_eq!(before_the_present(&releases), Some(ReleaseNumber(1)));
    }
}
