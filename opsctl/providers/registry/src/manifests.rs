//! The endpoint of manifests: found, read, put; each proven against its digest.

use hyper::header::{ACCEPT, CONTENT_TYPE};
use hyper::{Method, StatusCode};
use opsctl_core::image::{Descriptor, Digest, ManifestName, RawManifest, Repository, media_type};
use opsctl_core::ports::RegistryError;

use crate::address;
use crate::asking::Asking;
use crate::question::{Answer, Question};

const DIGEST: &str = "docker-content-digest";

/// What a name stands for; `None` when for nothing.
pub async fn find(
    asking: &Asking,
    repository: &Repository,
    name: &ManifestName,
) -> Result<Option<Descriptor>, RegistryError> {
    let question = read(repository, name, Method::HEAD);
    let answer = asking.ask(&question).await?;
    if answer.status == StatusCode::NOT_FOUND {
        return Ok(None);
    }
    let answer = answer.expect(&question, &[StatusCode::OK])?;
    let digest = answer.header(DIGEST).and_then(|text| text.parse().ok());
    let size = answer.header("content-length");
    match (digest, size.and_then(|size| size.parse().ok())) {
        (Some(digest), Some(size)) => Ok(Some(Descriptor {
            size,
            digest,
            ..Descriptor::of(&kind(&answer), &[])
        })),
        // A registry that does not say is asked for all of it.
        _ => Ok(Some(get(asking, repository, name).await?.descriptor())),
    }
}

/// A manifest.
pub async fn get(
    asking: &Asking,
    repository: &Repository,
    name: &ManifestName,
) -> Result<RawManifest, RegistryError> {
    let question = read(repository, name, Method::GET);
    let answer = asking.ask(&question).await?;
    if answer.status == StatusCode::NOT_FOUND {
        return Err(RegistryError::NotFound(written(repository, name)));
    }
    let answer = answer.expect(&question, &[StatusCode::OK])?;
    let raw = RawManifest {
        media_type: kind(&answer),
        bytes: answer.body.to_vec(),
    };
    let told: Option<Digest> = answer.header(DIGEST).and_then(|text| text.parse().ok());
    let expected = match name {
        ManifestName::Digest(digest) => Some(digest.clone()),
        ManifestName::Tag(_) => told,
    };
    match expected {
        Some(expected) if expected != raw.digest() => Err(RegistryError::Altered {
            what: written(repository, name),
            expected,
            found: raw.digest().to_string(),
        }),
        _ => Ok(raw),
    }
}

/// Puts a manifest; says whether the registry lists it among what is attached to its subject.
pub async fn put(
    asking: &Asking,
    repository: &Repository,
    name: &ManifestName,
    manifest: &RawManifest,
) -> Result<bool, RegistryError> {
    let place = address::of(repository, &format!("manifests/{name}"));
    let question = Question {
        body: manifest.bytes.clone().into(),
        ..Question::write(repository, Method::PUT, place)
            .header(CONTENT_TYPE, manifest.media_type.as_str())
    };
    let answer = asking.ask(&question).await?;
    let answer = answer.expect(&question, &[StatusCode::CREATED])?;
    let expected = manifest.digest();
    let found = match answer.header(DIGEST) {
        Some(told) => told.to_owned(),
        None => match find(asking, repository, name).await? {
            Some(found) => found.digest.to_string(),
            None => "nothing".to_owned(),
        },
    };
    if found != expected.as_str() {
        let what = format!("{}, as the registry took it,", written(repository, name));
        return Err(RegistryError::Altered {
            what,
            expected,
            found,
        });
    }
    Ok(answer.header("oci-subject").is_some())
}

fn read<'a>(repository: &'a Repository, name: &ManifestName, method: Method) -> Question<'a> {
    let place = address::of(repository, &format!("manifests/{name}"));
    Question::read(repository, method, place).header(ACCEPT, media_type::IMAGES.join(", "))
}

fn kind(answer: &Answer) -> String {
    let written = answer.header("content-type").unwrap_or_default();
    let kind = written.split(';').next().unwrap_or(written);
    kind.trim().to_owned()
}

pub fn written(repository: &Repository, name: &ManifestName) -> String {
    match name {
        ManifestName::Tag(tag) => format!("{repository}:{tag}"),
        ManifestName::Digest(digest) => format!("{repository}@{digest}"),
    }
}
