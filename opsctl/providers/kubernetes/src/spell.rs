//! How long one question is asked again, and how soon.

use std::time::{Duration, Instant};

use crate::trouble::Trouble;

const FIRST: Duration = Duration::from_millis(200);
const LONGEST: Duration = Duration::from_secs(2);
/// For what passes by itself in moments if at all: a webhook whose pods are just being replaced.
const PASSING: Duration = Duration::from_secs(10);
/// A server that came back is asked whether it is ready; one that doesn't tell is believed after this.
const STARTING: Duration = Duration::from_secs(15);

/// The bad spell of one question, from its first trouble on.
#[derive(Debug)]
pub struct Spell {
    limit: Duration,
    began: Option<Instant>,
    back: Option<Instant>,
    pause: Duration,
    /// Nobody answered for a while: the server may be starting, and not know yet who may do what.
    pub away: bool,
    /// An attempt may have been carried out although its answer is lost.
    pub doubtful: bool,
}

impl Spell {
    /// One that lasts so long at most.
    pub const fn new(limit: Duration) -> Self {
        Self {
            limit,
            began: None,
            back: None,
            pause: FIRST,
            away: false,
            doubtful: false,
        }
    }

    /// After how long to ask again; `None`: not at all.
    pub fn next(&mut self, trouble: &Trouble) -> Option<Duration> {
        let began = *self.began.get_or_insert_with(Instant::now);
        let limit = self.limit.min(worth(trouble)?);
        let left = limit.checked_sub(began.elapsed())?;
        self.away |= matches!(trouble, Trouble::Unheard(_) | Trouble::Unanswered(_))
            || trouble.code() == Some(503);
        self.doubtful |= trouble.is_doubtful();
        let asked = match trouble {
            Trouble::Refused(status) => status.retry_after.map(Duration::from_secs),
            _ => None,
        };
        let pause = asked.unwrap_or(self.pause).max(self.pause);
        self.pause = (self.pause * 2).min(LONGEST);
        (pause <= left).then_some(pause)
    }

    /// The next pause while a server that came back is not ready.
    pub fn while_starting(&mut self) -> Option<Duration> {
        let back = *self.back.get_or_insert_with(Instant::now);
        let left = STARTING.checked_sub(back.elapsed())?;
        (FIRST <= left).then_some(FIRST)
    }
}

/// How long it is worth to ask again after this trouble.
fn worth(trouble: &Trouble) -> Option<Duration> {
    let status = match trouble {
        Trouble::Unheard(_) | Trouble::Unanswered(_) => return Some(Duration::MAX),
        Trouble::Refused(status) => status,
        _ => return None,
    };
    if status.is_expired() || status.blames_the_object() {
        return None;
    }
    match status.code {
        500 if status.says("failed calling webhook") => Some(PASSING),
        403 if status.says("not yet ready to handle request")
            || status.says("status unknown for quota") =>
        {
            Some(PASSING)
        }
        429 | 500 | 502 | 503 | 504 => Some(Duration::MAX),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::status::Status;

    fn refused(code: u16, message: &str) -> Trouble {
        Trouble::Refused(Box::new(Status {
            code,
            message: Some(message.to_owned()),
            ..Status::default()
        }))
    }

    #[test]
    fn what_cannot_pass_is_not_asked_again() {
        for trouble in [
            refused(422, "invalid"),
            refused(403, "may not"),
            refused(404, "not there"),
            refused(409, "changed"),
            refused(410, "too old"),
            refused(500, "failed to convert new object (a/b; v1, Kind=Secret)"),
            Trouble::Untrusted("who are you".into()),
            Trouble::Credentials("none".into()),
            Trouble::Garbled("<html>".into()),
        ] {
            assert_eq!(Spell::new(Duration::from_secs(60)).next(&trouble), None);
        }
    }

    #[test]
    fn the_server_is_left_alone_as_long_as_it_asks() {
        let mut spell = Spell::new(Duration::from_secs(60));
        let mut busy = Status::read(429, Some(7), b"");
        assert_eq!(
            spell.next(&Trouble::Refused(Box::new(busy.clone()))),
            Some(Duration::from_secs(7))
        );
        assert!(!spell.doubtful);
        busy.retry_after = Some(120);
        assert_eq!(spell.next(&Trouble::Refused(Box::new(busy))), None);
    }

    #[test]
    fn pauses_grow_and_end() {
        let mut spell = Spell::new(Duration::from_secs(60));
        let lost = Trouble::Unanswered("reset".into());
        let pauses: Vec<_> = (0..6).filter_map(|_| spell.next(&lost)).collect();
        let pauses: Vec<_> = pauses.iter().map(Duration::as_millis).collect();
        assert_eq!(pauses, [200, 400, 800, 1600, 2000, 2000]);
        assert!(spell.away && spell.doubtful);
        assert_eq!(Spell::new(Duration::ZERO).next(&lost), None);
    }
}
