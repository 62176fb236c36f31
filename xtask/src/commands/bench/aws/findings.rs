//! What the figures say beside the goals.

use std::time::Duration;

use super::{counted::Row, noticing::Noticed, reload::Reloaded};
use crate::commands::bench::{measure::median, report::goal};

/// From ready to noticed, at most.
const NOTICED: Duration = Duration::from_secs(15);
const MEBIBYTES: u64 = 100;

pub fn all(noticed: &[Noticed], counted: &[Row], reloaded: &Reloaded, size: u64) -> Vec<String> {
    let (ours, peers) = (
        spread(noticed.iter().map(|it| it.ours)),
        spread(noticed.iter().map(|it| it.peer)),
    );
    let memory = counted.iter().map(|row| row.memory).max().unwrap_or(0) / 1024;
    vec![
        format!(
            "Something that is ready is noticed after {:.1?} at most (median {:.1?}) of {} waits for snapshots and restored \
             instances; the goal is {NOTICED:?}: {}. The SDK's own waiter, for the same at the same time, takes {:.1?} at most (median {:.1?}).",
            ours.1,
            ours.0,
            noticed.len(),
            goal(ours.1 <= NOTICED),
            peers.1,
            peers.0
        ),
        format!("opsctl held at most {memory} MiB; the goal is {MEBIBYTES} MiB: {}.", goal(memory <= MEBIBYTES)),
        format!(
            "Restored and proved (engine, structure, content, reconciliation) and cleared away, {:.2} GB take {:.1?}; `pg_restore -j2` \
             into a database that is there takes {:.1?}, proves nothing and clears nothing away. States of the account take no time of \
             their own in this comparison. Where the drill's time goes: {}.",
            gigabytes(size),
            reloaded.drill,
            reloaded.pg_restore,
            steps(&reloaded.longest)
        ),
        "Counted with states that last two seconds, of which opsctl asks every ten as in production; questions to S3 are not counted."
            .to_owned(),
    ]
}

fn steps(longest: &[(String, Duration)]) -> String {
    let told = longest
        .iter()
        .map(|(step, took)| format!("{step} {took:.1?}"));
    told.collect::<Vec<_>>().join(", ")
}

/// Median and most.
fn spread(walls: impl Iterator<Item = Duration>) -> (Duration, Duration) {
    let mut walls: Vec<Duration> = walls.collect();
    let median = median(&mut walls);
    let most = walls.last().copied();
    (median.unwrap_or_default(), most.unwrap_or_default())
}

#[expect(clippy::cast_precision_loss, reason = "two places are shown")]
fn gigabytes(bytes: u64) -> f64 {
    bytes as f64 / 1e9
}
