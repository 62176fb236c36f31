//! The images of a repository: every tag with what it names.

use futures::{StreamExt, TryStreamExt, stream};

use super::look::{Trouble, examine};
use super::{ImageReference, Repository, Resolved, Tag, TagKind};
use crate::failure::Result;
use crate::ports::{Registry, RegistryError};

/// How many questions are open at once: quick, and no storm.
const AT_ONCE: usize = 8;

/// One tag.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Listed {
    /// The tag.
    pub tag: Tag,
    /// What it says of the image.
    pub kind: TagKind,
    /// What it names.
    #[serde(flatten)]
    pub image: Resolved,
}

/// The tags of a repository that name an image, the newest image first; and what could not be read, in words.
///
/// # Errors
/// When the registry can't say which tags there are, or lets nobody in.
pub async fn list(
    registry: &dyn Registry,
    repository: &Repository,
) -> Result<(Vec<Listed>, Vec<String>)> {
    let tags = registry.tags(repository).await?;
    let tags = tags.into_iter().filter(|tag| !stands_for_attachments(tag));
    let questions = stream::iter(tags.map(|tag| one(registry, repository, tag)));
    let answers: Vec<_> = questions.buffer_unordered(AT_ONCE).try_collect().await?;
    let (mut listed, mut unreadable) = (Vec::new(), Vec::new());
    for answer in answers {
        match answer {
            Ok(found) => listed.push(found),
            Err(why) => unreadable.push(why),
        }
    }
    listed.sort_by(|one: &Listed, other| {
        let newest = other.image.created.cmp(&one.image.created);
        newest.then_with(|| one.tag.cmp(&other.tag))
    });
    unreadable.sort();
    Ok((listed, unreadable))
}

/// One broken image must not hide the others; a registry that is away hides all.
async fn one(
    registry: &dyn Registry,
    repository: &Repository,
    tag: Tag,
) -> Result<std::result::Result<Listed, String>> {
    let reference = ImageReference::tagged(repository.clone(), tag.clone());
    match examine(registry, &reference).await {
        Ok(image) => Ok(Ok(Listed {
            kind: tag.kind(),
            tag,
            image,
        })),
        Err(Trouble::Image(failure)) => Ok(Err(failure.to_string())),
        Err(Trouble::Registry(
            error @ (RegistryError::NotFound(_) | RegistryError::Altered { .. }),
        )) => Ok(Err(format!("{tag}: {error}"))),
        Err(Trouble::Registry(error)) => Err(error.into()),
    }
}

/// Registries without an answer for "what is attached" keep it under such tags: `sha256-<digest>`.
fn stands_for_attachments(tag: &Tag) -> bool {
    let digits = tag.as_str().strip_prefix("sha256-");
    digits.is_some_and(|digits| digits.len() == 64)
}
