//! The endpoint of blobs: whether one is there, and its bytes, whole or in parts.

use hyper::header::RANGE;
use hyper::{Method, StatusCode};
use opsctl_core::image::{Descriptor, Digest, Repository};
use opsctl_core::ports::RegistryError;

use crate::address;
use crate::asking::Asking;
use crate::question::Question;

/// Whether a repository holds a blob.
pub async fn holds(
    asking: &Asking,
    repository: &Repository,
    blob: &Digest,
) -> Result<bool, RegistryError> {
    let place = address::of(repository, &format!("blobs/{blob}"));
    let question = Question::read(repository, Method::HEAD, place);
    let answer = asking.ask(&question).await?;
    if answer.status == StatusCode::NOT_FOUND {
        return Ok(false);
    }
    answer.expect(&question, &[StatusCode::OK])?;
    Ok(true)
}

/// `length` bytes of a blob from `from` on. A registry that knows no parts sends all, of which the rest is dropped.
pub async fn part(
    asking: &Asking,
    repository: &Repository,
    blob: &Descriptor,
    from: u64,
    length: u64,
) -> Result<Vec<u8>, RegistryError> {
    let place = address::of(repository, &format!("blobs/{}", blob.digest));
    let whole = from == 0 && length == blob.size;
    let mut question = Question {
        longest: usize::try_from(blob.size).unwrap_or(usize::MAX),
        ..Question::read(repository, Method::GET, place)
    };
    if !whole {
        let last = from + length.saturating_sub(1);
        question = question.header(RANGE, format!("bytes={from}-{last}"));
    }
    let answer = asking.ask(&question).await?;
    let answer = answer.expect(&question, &[StatusCode::OK, StatusCode::PARTIAL_CONTENT])?;
    let skipped = match answer.status {
        StatusCode::PARTIAL_CONTENT => 0,
        _ => from,
    };
    let size = |bytes: u64| usize::try_from(bytes).unwrap_or(usize::MAX);
    let rest = answer.body.get(size(skipped)..).unwrap_or_default();
    Ok(rest.get(..size(length)).unwrap_or(rest).to_vec())
}

/// A whole small blob, proven.
pub async fn get(
    asking: &Asking,
    repository: &Repository,
    blob: &Descriptor,
) -> Result<Vec<u8>, RegistryError> {
    let bytes = part(asking, repository, blob, 0, blob.size).await?;
    proven(&blob.digest, &Digest::of(&bytes))?;
    Ok(bytes)
}

/// # Errors
/// When the content is not what its name says.
pub fn proven(expected: &Digest, found: &Digest) -> Result<(), RegistryError> {
    if expected == found {
        return Ok(());
    }
    Err(RegistryError::Altered {
        what: "a blob".into(),
        expected: expected.clone(),
        found: found.to_string(),
    })
}
