//! How long to wait after a failure, and when to give up; for deliveries, and for jobs. Pure: the chance in it comes from the row's own key.

use std::time::Duration;

use sha2::{Digest, Sha256};
use uuid::Uuid;

const FIRST: Duration = Duration::from_secs(5);
const LONGEST: Duration = Duration::from_secs(3600);
/// About five hours, with the pauses between them.
pub const TRIES: i32 = 14;
/// For what was refused for good: whoever refuses may have been set up wrongly for a moment.
const TRIES_WHEN_REFUSED: i32 = 3;

/// What comes after a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    Again(Duration),
    /// Never by itself.
    Dead,
}

/// After the failure of try number `attempt`, counted from 1.
pub fn after(attempt: i32, refused: bool, key: Uuid) -> Next {
    let tries = if refused { TRIES_WHEN_REFUSED } else { TRIES };
    if attempt >= tries {
        return Next::Dead;
    }
    let doublings = u32::try_from(attempt.clamp(1, 30) - 1).unwrap_or(0);
    let whole = FIRST.saturating_mul(1 << doublings).min(LONGEST);
    // Between half of it and all of it, so that what failed together does not come back together.
    Next::Again(whole.mul_f64(0.5 + chance(attempt, key) / 2.0))
}

/// From 0 to 1, the same for the same row and try.
fn chance(attempt: i32, key: Uuid) -> f64 {
    let digest = Sha256::new()
        .chain_update(key.as_bytes())
        .chain_update(attempt.to_be_bytes())
        .finalize();
    f64::from(u16::from_be_bytes([digest[0], digest[1]])) / f64::from(u16::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pauses(refused: bool) -> Vec<Duration> {
        let next = |attempt| match after(attempt, refused, Uuid::from_u128(7)) {
            Next::Again(pause) => Some(pause),
            Next::Dead => None,
        };
        (1..100).map_while(next).collect()
    }

    #[test]
    fn pauses_grow_up_to_an_hour_and_then_it_is_over() {
        let pauses = pauses(false);
        assert_eq!(pauses.len(), 13);
        assert!(pauses[0] >= FIRST / 2 && pauses[0] <= FIRST);
        assert!(pauses.iter().all(|pause| *pause <= LONGEST));
        let all: Duration = pauses.iter().sum();
        assert!(
            all > Duration::from_secs(2 * 3600),
            "an hour's failure is outlived: {all:?}"
        );
    }

    #[test]
    fn what_is_refused_for_good_is_not_asked_for_long() {
        assert_eq!(pauses(true).len(), 2);
    }

    #[test]
    fn what_failed_together_does_not_come_back_together() {
        let pause = |key| after(5, false, Uuid::from_u128(key));
        assert_ne!(pause(1), pause(2));
        assert_eq!(pause(1), pause(1));
    }
}
