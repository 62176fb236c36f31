//! `latest` follows what an environment runs, where its rules say so.

use super::prepare::PinnedImage;
use crate::environment::{ImageSettings, Latest};
use crate::image::{Digest, ImageReference, Repository, Tag, TagKind};

/// What `latest` is made to name when the release serves.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct LatestMove {
    /// Where.
    pub repository: Repository,
    /// The version that serves.
    pub version: Tag,
    /// The image that it names.
    pub image: Digest,
}

/// What follows from a release of these images: `latest` names versions alone, and only in the environment's own repository.
#[must_use]
pub fn follows<'a>(
    settings: Option<&ImageSettings>,
    images: impl Iterator<Item = &'a PinnedImage>,
) -> Option<LatestMove> {
    let settings = settings.filter(|it| it.latest == Latest::FollowsDeploys)?;
    let references = images.filter_map(|it| it.reference.parse::<ImageReference>().ok());
    let mut own = references.filter(|it| it.repository == settings.repository);
    let found = own.next()?;
    let version = found.tag.filter(|tag| tag.kind() == TagKind::Version)?;
    Some(LatestMove {
        repository: found.repository,
        version,
        image: found.digest?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(reference: &str, latest: Latest) -> Option<LatestMove> {
        let settings = ImageSettings {
            repository: "registry.example.com/app".parse().unwrap(),
            latest,
        };
        let image = PinnedImage {
            reference: reference.to_owned(),
            platforms: Vec::new(),
            schema: None,
        };
        follows(Some(&settings), std::iter::once(&image))
    }

    #[test]
    fn only_a_version_of_the_own_repository_becomes_the_latest_and_only_where_it_is_ruled() {
        let digest = Digest::of(b"image");
        let own = |tag: &str| format!("registry.example.com/app:{tag}@{digest}");
        let moved = of(&own("v1.2.3"), Latest::FollowsDeploys).unwrap();
        assert_eq!((moved.version.as_str(), &moved.image), ("v1.2.3", &digest));
        assert_eq!(of(&own("v1.2.3"), Latest::Stays), None);
        assert_eq!(
            of(&own("staging-0123456789ab"), Latest::FollowsDeploys),
            None
        );
        let other = format!("registry.example.com/other:v1.2.3@{digest}");
        assert_eq!(of(&other, Latest::FollowsDeploys), None);
        assert_eq!(
            of("registry.example.com/app:v1.2.3", Latest::FollowsDeploys),
            None
        );
    }
}
