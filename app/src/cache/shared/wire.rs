//! How subjects and copies are written in Redis. What cannot be read was written by somebody else, and is not there.

use axum::body::Bytes;
use uuid::Uuid;

use crate::cache::{Audience, Entry, Subject};
use crate::database::{PostId, SessionId, UserId};
use crate::http::Encoded;

/// Changes with the layout: a process never reads what another version wrote.
const LAYOUT: u8 = 1;
const HEAD: usize = 18;

impl Subject {
    /// `post:…` and the like.
    pub(super) fn name(self) -> String {
        match self {
            Self::Profile(id) => format!("profile:{id}"),
            Self::Post(id) => format!("post:{id}"),
            Self::Access(id) => format!("access:{id}"),
            Self::Session(id) => format!("session:{id}"),
        }
    }

    pub(super) fn named(name: &str) -> Option<Self> {
        let (kind, id) = name.split_once(':')?;
        let id = Uuid::try_parse(id).ok()?;
        match kind {
            "profile" => Some(Self::Profile(UserId(id))),
            "post" => Some(Self::Post(PostId(id))),
            "access" => Some(Self::Access(UserId(id))),
            "session" => Some(Self::Session(SessionId(id))),
            _ => None,
        }
    }

    /// Whether copies of it are shared, and not only news of it.
    pub(super) fn is_shared(self) -> bool {
        matches!(self, Self::Profile(_) | Self::Post(_))
    }
}

pub(super) fn write(entry: &Entry) -> Vec<u8> {
    let body = entry.answer.body();
    let mut bytes = Vec::with_capacity(HEAD + body.len());
    bytes.push(LAYOUT);
    bytes.push(match entry.audience {
        Audience::Owner => 0,
        Audience::Everybody => 1,
    });
    bytes.extend_from_slice(entry.owner.0.as_bytes());
    bytes.extend_from_slice(body);
    bytes
}

pub(super) fn read(bytes: Vec<u8>) -> Option<Entry> {
    let bytes = Bytes::from(bytes);
    let head = bytes.get(..HEAD)?;
    let audience = match head[..2] {
        [LAYOUT, 0] => Audience::Owner,
        [LAYOUT, 1] => Audience::Everybody,
        _ => return None,
    };
    Some(Entry {
        owner: UserId(Uuid::from_slice(&head[2..]).ok()?),
        audience,
        answer: Encoded::from_body(bytes.slice(HEAD..)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_and_nothing_else() {
        let owner = UserId(Uuid::from_u128(7));
        for audience in [Audience::Owner, Audience::Everybody] {
            let entry = Entry::new(owner, audience, &"text").unwrap();
            assert_eq!(read(write(&entry)), Some(entry));
        }
        let mut other = write(&Entry::new(owner, Audience::Owner, &"text").unwrap());
        other[0] = 2;
        assert_eq!(read(other), None);
        assert_eq!(read(Vec::new()), None);
    }

    #[test]
    fn a_subject_is_known_by_its_name() {
        let id = Uuid::from_u128(7);
        for subject in [
            Subject::Profile(UserId(id)),
            Subject::Post(PostId(id)),
            Subject::Access(UserId(id)),
            Subject::Session(SessionId(id)),
        ] {
            assert_eq!(Subject::named(&subject.name()), Some(subject));
        }
        assert_eq!(Subject::named("post:x"), None);
        assert_eq!(Subject::named("other"), None);
    }
}
