//! How much was lost: the incident's time less the newest trace of life that survived.

use std::time::Duration;

use super::Choice;
use crate::clock::Timestamp;
use crate::environment::Promises;
use crate::evidence::{Rpo, RpoMethod};

/// The moment of the simulated disaster, by the source database's clock.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Incident {
    /// When.
    pub at: Timestamp,
    /// The newest heartbeat in the live database at that moment.
    pub newest_heartbeat: Option<Timestamp>,
    /// False when the source did not answer: the time is then this machine's.
    pub by_source_clock: bool,
}

/// Measures the loss.
///
/// `survived` is the newest heartbeat in the restored copy, `taken_at` the backup's own record, and
/// `stale_after` the age from which heartbeats prove nothing.
#[must_use]
pub fn measure(
    incident: &Incident,
    choice: &Choice,
    survived: Option<Timestamp>,
    taken_at: Timestamp,
    stale_after: Duration,
    promises: &Promises,
) -> Rpo {
    let by_record = taken_at.age(incident.at);
    // Heartbeats prove something only if the application was alive when the disaster struck, and when
    // the backup was taken.
    let alive = |beat: Option<Timestamp>, at: Timestamp| beat.filter(|b| b.age(at) <= stale_after);
    let (measured, method) = match (choice, alive(incident.newest_heartbeat, incident.at)) {
        (Choice::Fresh { .. }, _) => (by_record, RpoMethod::FreshBackup),
        (Choice::Existing { .. }, Some(_)) => match alive(survived, taken_at) {
            Some(beat) => (beat.age(incident.at), RpoMethod::Heartbeat),
            None => (by_record, RpoMethod::BackupRecord),
        },
        (Choice::Existing { .. }, None) => (by_record, RpoMethod::BackupRecord),
    };
    Rpo {
        target_seconds: promises.rpo.0.as_secs_f64(),
        measured_seconds: measured.as_secs_f64(),
        method,
        by_backup_record_seconds: by_record.as_secs_f64(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::names::BackupId;

    const STALE: Duration = Duration::from_secs(60);

    fn at(seconds: u64) -> Timestamp {
        Timestamp::parse("2026-11-23T00:00:00Z")
            .unwrap()
            .plus(Duration::from_secs(seconds))
    }

    fn loss(choice: &Choice, live_beat: Option<u64>, survived: Option<u64>) -> Rpo {
        let incident = Incident {
            at: at(10_000),
            newest_heartbeat: live_beat.map(at),
            by_source_clock: true,
        };
        measure(
            &incident,
            choice,
            survived.map(at),
            at(9_000),
            STALE,
            &Promises::default(),
        )
    }

    fn existing() -> Choice {
        Choice::Existing {
            id: BackupId::new("b1").unwrap(),
        }
    }

    #[test]
    fn with_fresh_heartbeats_the_loss_is_the_age_of_the_newest_that_survived() {
        let rpo = loss(&existing(), Some(9_998), Some(8_997));
        assert_eq!(
            (rpo.method, rpo.measured_seconds),
            (RpoMethod::Heartbeat, 1_003.0)
        );
        assert_eq!(rpo.by_backup_record_seconds, 1_000.0);
    }

    #[test]
    fn with_stale_heartbeats_the_record_counts_and_says_so() {
        for (live, survived) in [
            (Some(9_939), Some(8_997)),
            (None, None),
            (Some(9_998), Some(10)),
        ] {
            let rpo = loss(&existing(), live, survived);
            assert_eq!(
                (rpo.method, rpo.measured_seconds),
                (RpoMethod::BackupRecord, 1_000.0)
            );
        }
    }

    #[test]
    fn a_heartbeat_exactly_at_the_limit_still_counts() {
        assert_eq!(
            loss(&existing(), Some(9_940), Some(8_940)).method,
            RpoMethod::Heartbeat
        );
    }

    #[test]
    fn a_backup_that_the_drill_took_itself_is_never_proof() {
        let fresh = Choice::Fresh {
            id: BackupId::new("b1").unwrap(),
        };
        assert_eq!(
            loss(&fresh, Some(9_998), Some(8_997)).method,
            RpoMethod::FreshBackup
        );
    }
}
