//! Which tag may name which image: a version and a staging tag never move; `latest` alone does, and never by a push.

use super::{Digest, Provenance, Tag, TagKind};
use crate::failure::{Failure, Result};

/// What wants to give a tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mover {
    /// `image build --push`: something new.
    Push,
    /// `image promote`: something that was tried.
    Promote,
}

/// Whether `tag`, which names `now` at the moment, may be made to name `image`.
///
/// # Errors
/// The refusal, with what to do instead.
pub fn may_name(tag: &Tag, image: &Digest, now: Option<&Digest>, by: Mover) -> Result<()> {
    let untouched = |failure: Failure| failure.left("nothing was changed");
    match (tag.kind(), now) {
        (TagKind::Other, _) => Err(Failure::usage(format!(
            "'{tag}' is no tag that this platform gives"
        ))
        .hint("v1.2.3, staging-<commit> or latest")),
        (TagKind::Latest, _) if by == Mover::Push => Err(untouched(
            Failure::refused("'latest' is not pushed: it follows a release")
                .hint("opsctl image promote v1.2.3 latest"),
        )),
        (TagKind::Version | TagKind::Staging, Some(other)) if other != image => Err(untouched(
            Failure::refused(format!("'{tag}' names another image already"))
                .cause(format!("it is {other}"))
                .cause(format!("this would be {image}"))
                .hint("a version is never built again: give the next one"),
        )),
        _ => Ok(()),
    }
}

/// Whether an image of that source may get this tag: only a commit can be built again, and a staging tag names its own.
///
/// # Errors
/// The refusal.
pub fn of_its_source(tag: &Tag, source: &Provenance) -> Result<()> {
    let revision = source.revision.as_str();
    let untouched = |failure: Failure| Err(failure.left("nothing was pushed"));
    if revision.ends_with("-dirty") {
        return untouched(
            Failure::refused("the tree has changes that no commit holds")
                .cause(format!("'{tag}' could not be built again"))
                .hint("git commit, or git stash"),
        );
    }
    match tag.commit().filter(|_| tag.kind() == TagKind::Staging) {
        Some(commit) if !revision.starts_with(commit) => untouched(
            Failure::refused(format!("'{tag}' names another commit"))
                .cause(format!("this is {revision}"))
                .hint("leave --tag out: the tag of this commit is given by itself"),
        ),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::FailureKind;
    use crate::clock::Timestamp;

    fn verdict(tag: &str, now: Option<&str>, by: Mover) -> Option<FailureKind> {
        let image = Digest::of(b"new");
        let now = now.map(|text| Digest::of(text.as_bytes()));
        let tag: Tag = tag.parse().unwrap();
        may_name(&tag, &image, now.as_ref(), by)
            .err()
            .map(|failure| failure.kind)
    }

    #[test]
    fn tags_are_immutable_and_latest_alone_moves() {
        use FailureKind::{Refused, Usage};
        use Mover::{Promote, Push};
        for (tag, now, by, answer) in [
            ("v1.2.3", None, Push, None),
            ("v1.2.3", Some("new"), Push, None),
            ("v1.2.3", Some("old"), Push, Some(Refused)),
            ("v1.2.3", Some("old"), Promote, Some(Refused)),
            ("staging-abcdef1", None, Push, None),
            ("staging-abcdef1", Some("old"), Push, Some(Refused)),
            ("latest", None, Push, Some(Refused)),
            ("latest", None, Promote, None),
            ("latest", Some("old"), Promote, None),
            ("main", None, Push, Some(Usage)),
            ("main", None, Promote, Some(Usage)),
        ] {
            assert_eq!(verdict(tag, now, by), answer, "{tag} {now:?} {by:?}");
        }
    }

    #[test]
    fn a_pushed_image_is_of_a_commit_and_its_staging_tag_names_that_commit() {
        let source = |revision: &str| Provenance {
            title: "app".into(),
            revision: revision.into(),
            source: None,
            version: "0.1.0".into(),
            created: Timestamp::parse("2026-11-23T12:00:00Z").unwrap(),
            schema: None,
        };
        let fits = |tag: &str, revision| of_its_source(&tag.parse().unwrap(), &source(revision));
        assert!(fits("staging-abcdef1", "abcdef1234").is_ok());
        assert!(fits("staging-1234567", "abcdef1234").is_err());
        assert!(fits("v1.2.3", "abcdef1234").is_ok());
        assert!(fits("v1.2.3", "abcdef1234-dirty").is_err());
    }
}
