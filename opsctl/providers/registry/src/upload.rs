//! Sends a blob: mounted where the registry has it, else in one piece, else, when it is large, part by part.

use hyper::header::{CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE};
use hyper::{Method, StatusCode};
use opsctl_core::engine::Progress;
use opsctl_core::guard::Permit;
use opsctl_core::image::{Descriptor, Digest, Repository};
use opsctl_core::ports::{Brought, ImagePlace, RegistryError};
use sha2::{Digest as _, Sha256};

use crate::asking::Asking;
use crate::question::{Answer, Question, Repeats};
use crate::{address, blobs, layout};

/// Up to here a blob goes in one piece.
const WHOLE: u64 = 32 << 20;
/// The parts of a larger one. Amazon's registry takes none below 5 MiB.
const PART: u64 = 16 << 20;
/// How often an upload that broke is begun again.
const ATTEMPTS: u32 = 3;

const OCTETS: &str = "application/octet-stream";

/// One blob on its way.
pub struct Upload<'a> {
    pub asking: &'a Asking,
    pub permit: &'a Permit<'a>,
    pub from: &'a ImagePlace,
    pub into: &'a Repository,
    pub blob: &'a Descriptor,
}

impl Upload<'_> {
    /// Brings it, unless it is there.
    pub async fn bring(&self, progress: &Progress<'_>) -> Result<Brought, RegistryError> {
        let (into, blob) = (self.into, self.blob);
        if blobs::holds(self.asking, into, &blob.digest).await? {
            return Ok(Brought::Held);
        }
        self.permit.check().map_err(RegistryError::Fenced)?;
        let mut begun = match self.neighbour() {
            Some(source) => match self.mount(source).await? {
                None => return Ok(Brought::Mounted),
                // What can't be mounted has begun as an upload.
                begun => begun,
            },
            None => None,
        };
        let mut attempt = 1;
        loop {
            let place = match begun.take() {
                Some(place) => place,
                None => self.begin().await?,
            };
            match self.send(&place, progress).await {
                Ok(()) => return Ok(Brought::Sent),
                Err(error) if attempt < ATTEMPTS && error.is_transient() => {
                    progress.note(format!("the upload begins again: {error}"));
                    attempt += 1;
                }
                Err(error) => return Err(error),
            }
        }
    }

    /// Another repository of the same registry.
    fn neighbour(&self) -> Option<&Repository> {
        match self.from {
            ImagePlace::Repository(source) if source.registry() == self.into.registry() => {
                Some(source)
            }
            _ => None,
        }
    }

    /// `None` when it was mounted, else where the upload goes on.
    async fn mount(&self, source: &Repository) -> Result<Option<String>, RegistryError> {
        let place = address::of(self.into, "blobs/uploads/");
        let place = address::with(&place, "mount", self.blob.digest.as_str());
        let place = address::with(&place, "from", source.path());
        let question = Question {
            beside: Some(source),
            ..Question::write(self.into, Method::POST, place).header(CONTENT_LENGTH, "0")
        };
        let answer = self.asking.ask(&question).await?;
        let taken = [StatusCode::CREATED, StatusCode::ACCEPTED];
        let answer = answer.expect(&question, &taken)?;
        match answer.status {
            StatusCode::CREATED => Ok(None),
            _ => self.location(&question, &answer).map(Some),
        }
    }

    async fn begin(&self) -> Result<String, RegistryError> {
        let place = address::of(self.into, "blobs/uploads/");
        let question = Question::write(self.into, Method::POST, place).header(CONTENT_LENGTH, "0");
        let answer = self.asking.ask(&question).await?;
        let answer = answer.expect(&question, &[StatusCode::ACCEPTED])?;
        self.location(&question, &answer)
    }

    async fn send(&self, place: &str, progress: &Progress<'_>) -> Result<(), RegistryError> {
        let (size, step) = (
            self.blob.size,
            if self.blob.size <= WHOLE { WHOLE } else { PART },
        );
        let mut place = place.to_owned();
        let (mut done, mut sum) = (0, Sha256::new());
        let mut last = Vec::new();
        while done < size {
            let length = step.min(size - done);
            let bytes = self.read(done, length).await?;
            if bytes.is_empty() {
                break;
            }
            sum.update(&bytes);
            let (from, length) = (done, bytes.len() as u64);
            done += length;
            match size <= WHOLE {
                true => last = bytes,
                false => place = self.patch(&place, from, bytes).await?,
            }
            progress.at(done, size, "bytes");
        }
        // What is not what it says is never sealed.
        blobs::proven(&self.blob.digest, &Digest::from_sum(&sum.finalize()))?;
        self.permit.check().map_err(RegistryError::Fenced)?;
        self.seal(&place, last).await
    }

    async fn read(&self, from: u64, length: u64) -> Result<Vec<u8>, RegistryError> {
        match self.from {
            ImagePlace::Repository(source) => {
                blobs::part(self.asking, source, self.blob, from, length).await
            }
            ImagePlace::Layout(folder) => layout::part(folder, self.blob, from, length),
        }
    }

    async fn patch(&self, place: &str, from: u64, bytes: Vec<u8>) -> Result<String, RegistryError> {
        let last = from + (bytes.len() as u64).saturating_sub(1);
        let question = Question {
            body: bytes.into(),
            repeats: Repeats::WhenTurnedAway,
            ..Question::write(self.into, Method::PATCH, place.to_owned())
                .header(CONTENT_TYPE, OCTETS)
                .header(CONTENT_RANGE, format!("{from}-{last}"))
        };
        let answer = self.asking.ask(&question).await?;
        let answer = answer.expect(&question, &[StatusCode::ACCEPTED, StatusCode::NO_CONTENT])?;
        self.location(&question, &answer)
    }

    /// The registry compares the digest itself.
    async fn seal(&self, place: &str, bytes: Vec<u8>) -> Result<(), RegistryError> {
        let place = address::with(place, "digest", self.blob.digest.as_str());
        let question = Question {
            body: bytes.into(),
            repeats: Repeats::WhenTurnedAway,
            ..Question::write(self.into, Method::PUT, place).header(CONTENT_TYPE, OCTETS)
        };
        let answer = self.asking.ask(&question).await?;
        answer.expect(&question, &[StatusCode::CREATED])?;
        Ok(())
    }

    fn location(&self, question: &Question<'_>, answer: &Answer) -> Result<String, RegistryError> {
        let location = answer.header("location");
        let location = location.map(|place| address::resolved(&question.address, place));
        let own = address::host_of(&question.address);
        // Our credentials go with the next question: to nobody else.
        match location.filter(|place| address::host_of(place) == own) {
            Some(place) => Ok(place),
            None => Err(RegistryError::Refused {
                registry: self.into.registry().to_owned(),
                what: question.what(),
                status: answer.status.as_u16(),
                why: "it does not say where the upload goes on".into(),
            }),
        }
    }
}
