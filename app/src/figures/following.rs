//! The share of each process: the requests that it answered are added to the day, and it shows the figures that were counted.

use std::time::Duration;

use tokio::sync::watch;
use tokio::time::{Instant, MissedTickBehavior};

use super::{disk, gauges, traffic_rows};
use crate::database::Day;
use crate::http::{ApiError, AppState};

const EVERY: Duration = Duration::from_secs(600);
/// After the start, which has more urgent work.
const FIRST_AFTER: Duration = Duration::from_secs(5);

/// Does so every few minutes until `stop` says so, and adds the traffic a last time then.
pub async fn follow(state: AppState, mut stop: watch::Receiver<bool>) {
    let mut ticks = tokio::time::interval_at(Instant::now() + FIRST_AFTER, EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        let stopping = tokio::select! {
            _ = stop.wait_for(|stop| *stop) => true,
            _ = ticks.tick() => false,
        };
        let done = match stopping {
            true => traffic_rows::add(&state).await.map_err(ApiError::from),
            false => look(&state).await,
        };
        if let Err(error) = done {
            let error = error.to_string();
            tracing::warn!(error, "the traffic of this process is added later");
        }
        if stopping {
            return;
        }
    }
}

async fn look(state: &AppState) -> Result<(), ApiError> {
    traffic_rows::add(state).await?;
    gauges::of(&state.database, Day::today()).await?;
    disk::measure(&state.database.read_in_any_mode()?).await?;
    Ok(())
}
