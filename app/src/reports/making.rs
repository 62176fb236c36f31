//! Making the report of a day: claimed, counted, drawn, stored, complete. Killed at any point, it is made again by whoever claims
//! the day after the claim has lapsed, under the same name.

use std::time::Duration;

use tokio::sync::watch;
use tokio::time::MissedTickBehavior;

use super::contents::{CHART_DAYS, Contents, Sources};
use super::{mailing, pdf, queries};
use crate::database::{Actor, Day, Reader, Timestamp, Work};
use crate::figures;
use crate::http::{ApiError, AppState};
use crate::storage::Key;

/// Hours after midnight, in UTC, at which yesterday's report is due.
const DUE: u64 = 2;
/// How often it is asked whether one is due.
const EVERY: Duration = Duration::from_secs(60);
/// Whoever claimed a report and did not complete it by then is taken for dead.
const LAPSES_AFTER: Duration = Duration::from_secs(600);

/// What came of asking for a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Made {
    Now,
    /// It is complete, or somebody is making it.
    NotOurs,
}

/// Makes the report of the last day whose report is due, whenever one is missing, until `stop` says so. One that was missed
/// while nobody ran is made as soon as somebody does.
pub async fn follow(state: AppState, mut stop: watch::Receiver<bool>) {
    let mut ticks = tokio::time::interval_at(tokio::time::Instant::now() + EVERY, EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = stop.wait_for(|stop| *stop) => return,
            _ = ticks.tick() => {}
        }
        let now = Timestamp::now();
        if let Err(error) = make(&state, due(now), now).await {
            let error = error.to_string();
            tracing::error!(error, "the daily report is made later");
        }
    }
}

/// The last day whose report is due.
fn due(now: Timestamp) -> Day {
    Day::of(now.minus(Duration::from_secs(DUE * 3600))).plus(-1)
}

/// Makes the report of a day, unless it is complete or somebody else's. Without a storage, or while nothing can be written,
/// none is made.
pub async fn make(state: &AppState, day: Day, now: Timestamp) -> Result<Made, ApiError> {
    let Some(storage) = &state.storage else {
        return Ok(Made::NotOurs);
    };
    if queries::is_complete(&state.database.read()?, day).await? {
        return Ok(Made::NotOurs);
    }
    let Ok(writer) = state.database.write() else {
        return Ok(Made::NotOurs);
    };
    if !queries::claim(&writer, day, now, now.minus(LAPSES_AFTER)).await? {
        return Ok(Made::NotOurs);
    }
    // The day is over: its last count may be from before its end.
    figures::aggregate(&writer, day, now).await?;
    // Drawing and storing take their time, and whoever wants another mode waits for every writer.
    drop(writer);
    let sources = read(&state.database.read()?, state.environment, day, now).await?;
    let drawn = tokio::task::spawn_blocking(move || pdf::draw(&Contents::from(sources)));
    let document = drawn
        .await
        .map_err(|error| ApiError::Internal(error.to_string()))?
        .map_err(|error| ApiError::Internal(error.to_string()))?;
    let (key, bytes) = (Key::of_report(day), document.len());
    storage.put(&key, document).await?;
    let told = complete(state, day, (key.as_str(), bytes)).await?;
    tracing::info!(day = %day, bytes, told, "the daily report is stored");
    Ok(Made::Now)
}

/// Complete and told of at once: neither is ever there without the other. To how many is what it gives back.
async fn complete(state: &AppState, day: Day, stored: (&str, usize)) -> Result<usize, ApiError> {
    let writer = state.database.write()?;
    let mut work = Work::begin(&writer, Actor::default()).await?;
    let report = queries::complete(&mut work, day, Timestamp::now(), stored).await?;
    let told = match report {
        Some(report) => mailing::tell(&mut work, &state.outbox, report).await?,
        None => 0,
    };
    work.commit().await?;
    Ok(told)
}

/// What a report of this day, and the days before it, is made of.
pub async fn read(
    reader: &Reader,
    environment: &str,
    day: Day,
    made_at: Timestamp,
) -> Result<Sources, sqlx::Error> {
    let from = day.plus(1 - CHART_DAYS);
    Ok(Sources {
        day,
        environment: environment.to_owned(),
        made_at,
        figures: figures::between(reader, from, day).await?,
        traffic: figures::traffic_between(reader, from, day).await?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_is_due_at_two_in_the_morning() {
        let midnight = Day::of(Timestamp::from_microseconds(1_705_314_600_000_000).unwrap());
        let at = |minutes: u64| due(midnight.start().plus(Duration::from_secs(minutes * 60)));
        assert_eq!(at(119), midnight.plus(-2));
        assert_eq!(at(120), midnight.plus(-1));
    }
}
