//! Making the report of a day: counted, drawn, stored, complete. Killed at any point, it is made again under the same name by
//! whoever the job comes to next; of two who make it at once, one completes it and tells of it.

use std::time::Duration;

use async_trait::async_trait;

use super::contents::{CHART_DAYS, Contents, Sources};
use super::{mailing, pdf, queries};
use crate::database::{Actor, Day, Reader, Timestamp, Work};
use crate::figures;
use crate::http::{ApiError, AppState};
use crate::jobs::{CatchUp, Due, Job, Schedule};
use crate::storage::Key;

/// What came of asking for a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Made {
    Now,
    /// It was complete, or somebody else completed it meanwhile.
    Before,
    /// There is no place for it.
    Nowhere,
}

/// The job that makes yesterday's report, and those of the last week that were missed.
pub struct Daily {
    pub state: AppState,
}

#[async_trait]
impl Job for Daily {
    fn kind(&self) -> &'static str {
        "daily-report"
    }

    fn schedule(&self) -> Schedule {
        Schedule {
            every: Duration::from_hours(24),
            at: Duration::from_hours(2),
            catch_up: CatchUp::Each(7),
        }
    }

    async fn run(&self, due: Due) -> Result<(), ApiError> {
        let day = Day::of(due.scheduled_at).plus(-1);
        make(&self.state, day, due.now).await.map(drop)
    }
}

/// Makes the report of a day, unless it is complete. Without a storage none is made.
pub async fn make(state: &AppState, day: Day, now: Timestamp) -> Result<Made, ApiError> {
    let Some(storage) = &state.storage else {
        return Ok(Made::Nowhere);
    };
    let writer = state.database.write()?;
    if !queries::begin(&writer, day, now).await? {
        return Ok(Made::Before);
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
    let Some(told) = complete(state, day, (key.as_str(), bytes)).await? else {
        return Ok(Made::Before);
    };
    tracing::info!(day = %day, bytes, told, "the daily report is stored");
    Ok(Made::Now)
}

/// Complete and told of at once: neither is ever there without the other. To how many is what it gives back; None where somebody
/// else was quicker.
async fn complete(
    state: &AppState,
    day: Day,
    stored: (&str, usize),
) -> Result<Option<usize>, ApiError> {
    let writer = state.database.write()?;
    let mut work = Work::begin(&writer, Actor::default()).await?;
    let report = queries::complete(&mut work, day, Timestamp::now(), stored).await?;
    let told = match report {
        Some(report) => Some(mailing::tell(&mut work, &state.outbox, report).await?),
        None => None,
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
