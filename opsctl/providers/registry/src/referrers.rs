//! What is attached to an image: the endpoint of referrers, or, where a registry has none, the tag that the specification
//! gives such lists.

use hyper::header::ACCEPT;
use hyper::{Method, StatusCode};
use opsctl_core::image::{
    Descriptor, Digest, Document, Index, ManifestName, RawManifest, Repository, Tag, media_type,
};
use opsctl_core::ports::RegistryError;

use crate::asking::Asking;
use crate::question::Question;
use crate::{address, manifests};

/// The manifests whose subject is `image`.
pub async fn list(
    asking: &Asking,
    repository: &Repository,
    image: &Digest,
) -> Result<Vec<Descriptor>, RegistryError> {
    let place = address::of(repository, &format!("referrers/{image}"));
    let question = Question::read(repository, Method::GET, place).header(ACCEPT, media_type::INDEX);
    let answer = asking.ask(&question).await?;
    let knows_none = [
        StatusCode::NOT_FOUND,
        StatusCode::BAD_REQUEST,
        StatusCode::METHOD_NOT_ALLOWED,
        StatusCode::NOT_IMPLEMENTED,
    ];
    if knows_none.contains(&answer.status) {
        return kept_under_tag(asking, repository, image).await;
    }
    let answer = answer.expect(&question, &[StatusCode::OK])?;
    let index: Index =
        serde_json::from_slice(&answer.body).map_err(|error| RegistryError::Refused {
            registry: repository.registry().to_owned(),
            what: question.what(),
            status: answer.status.as_u16(),
            why: format!("that is no index: {error}"),
        })?;
    Ok(index.manifests)
}

async fn kept_under_tag(
    asking: &Asking,
    repository: &Repository,
    image: &Digest,
) -> Result<Vec<Descriptor>, RegistryError> {
    let name = ManifestName::Tag(tag_of(image)?);
    let raw = match manifests::get(asking, repository, &name).await {
        Ok(raw) => raw,
        Err(RegistryError::NotFound(_)) => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    match raw.document() {
        Ok(Document::Index(index)) => Ok(index.manifests),
        // Somebody's image under an odd tag: nothing that is attached.
        _ => Ok(Vec::new()),
    }
}

/// Adds a manifest to the list under the tag. Two who do this at once may lose one of both: the lock on images is there
/// for that, and whoever resumes looks whether it is listed.
pub async fn keep_under_tag(
    asking: &Asking,
    repository: &Repository,
    subject: &Digest,
    manifest: &RawManifest,
) -> Result<(), RegistryError> {
    let mut listed = kept_under_tag(asking, repository, subject).await?;
    let digest = manifest.digest();
    if listed.iter().any(|one| one.digest == digest) {
        return Ok(());
    }
    let Ok(Document::Manifest(document)) = manifest.document() else {
        return Ok(());
    };
    listed.push(Descriptor {
        artifact_type: document.artifact_type,
        annotations: document.annotations,
        ..manifest.descriptor()
    });
    let index = RawManifest::of(media_type::INDEX, &Index::of(listed));
    let index = index.map_err(|failure| RegistryError::Local {
        what: "the list of what is attached can't be written".into(),
        why: failure.to_string(),
    })?;
    let name = ManifestName::Tag(tag_of(subject)?);
    manifests::put(asking, repository, &name, &index).await?;
    Ok(())
}

/// `sha256-<digest>`.
fn tag_of(image: &Digest) -> Result<Tag, RegistryError> {
    let text = format!("sha256-{}", image.hex());
    text.parse().map_err(|failure| RegistryError::Local {
        what: "the list of what is attached has no tag".into(),
        why: format!("{failure}"),
    })
}
