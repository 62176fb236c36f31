//! How long and how often a registry is asked again.

use std::time::Duration;

use hyper::StatusCode;

/// How often a question is asked at most.
pub const TRIES: u32 = 6;
/// How long one question waits in all, between its tries.
const PATIENCE: Duration = Duration::from_secs(60);

/// What is left of the tries of one question.
#[derive(Debug, Default)]
pub struct Tries {
    pub made: u32,
    waited: Duration,
}

impl Tries {
    /// How long to wait before the next try; `None` when it is enough.
    pub fn again(&mut self, asked_for: Option<Duration>) -> Option<Duration> {
        self.made += 1;
        let own = Duration::from_millis(200) * 2_u32.pow(self.made.min(8));
        let wait = asked_for.unwrap_or(own);
        let enough = self.made >= TRIES || self.waited + wait > PATIENCE;
        self.waited += wait;
        (!enough).then_some(wait)
    }
}

/// Whether the same question may be answered otherwise a little later.
pub fn passes(status: StatusCode) -> bool {
    matches!(status.as_u16(), 408 | 429 | 500 | 502 | 503 | 504)
}

/// `Retry-After`, in seconds; a date is left to our own pace.
pub fn retry_after(header: Option<&str>) -> Option<Duration> {
    header?.trim().parse().ok().map(Duration::from_secs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_is_asked_a_few_times_and_never_waits_long() {
        let mut tries = Tries::default();
        let mut waited = Duration::ZERO;
        while let Some(wait) = tries.again(None) {
            waited += wait;
        }
        assert_eq!(tries.made, TRIES);
        assert!(waited < PATIENCE);
    }

    #[test]
    fn whoever_wants_an_hour_is_not_waited_for() {
        let hour = retry_after(Some("3600"));
        assert_eq!(Tries::default().again(hour), None);
        let mut tries = Tries::default();
        assert_eq!(
            tries.again(retry_after(Some("2"))),
            Some(Duration::from_secs(2))
        );
        assert_eq!(retry_after(Some("Wed, 21 Oct 2026 07:28:00 GMT")), None);
    }
}
