//! Counts a day. Counting one again gives the same and harms nothing, so any process may do it at any time.

use std::time::Duration;

use tokio::sync::watch;
use tokio::time::{Instant, MissedTickBehavior};

use super::{counted, disk, gauges, traffic_rows};
use crate::database::{Database, Day, Timestamp, Writer, each_engine};
use crate::http::{ApiError, AppState};

/// The day that runs is counted anew this often.
const EVERY: Duration = Duration::from_secs(600);
/// After the start, which has more urgent work.
const FIRST_AFTER: Duration = Duration::from_secs(5);
/// Days that are counted afterwards when no process ran.
const CATCH_UP: i64 = 60;

/// Days after an account's first before it is asked whether it stayed, and days in which it must have come to have stayed.
const STAYED_AFTER: i64 = 30;
const STAYED_WITHIN: i64 = 7;

// $2 is the day's first moment and $3 its end; $4 the end of the day 30 before; $5 and $6 bound the accounts that are asked
// whether they stayed, and $7 is the first day that says so.
const COUNT: &str = "INSERT INTO daily_metrics (day, users_total, posts_total, comments_total, signups, new_posts, \
      new_comments, daily_active, monthly_active, recent_signups, recent_paid, retention_cohort, retention_kept, computed_at) \
    SELECT $1, \
      (SELECT count(*) FROM users WHERE created_at < $3), \
      (SELECT count(*) FROM posts WHERE created_at < $3), \
      (SELECT count(*) FROM comments WHERE created_at < $3), \
      (SELECT count(*) FROM users WHERE created_at >= $2 AND created_at < $3), \
      (SELECT count(*) FROM posts WHERE created_at >= $2 AND created_at < $3), \
      (SELECT count(*) FROM comments WHERE created_at >= $2 AND created_at < $3), \
      (SELECT count(*) FROM user_activity WHERE day = $1), \
      (SELECT count(DISTINCT user_id) FROM user_activity WHERE day > $8 AND day <= $1), \
      (SELECT count(*) FROM users WHERE created_at >= $4 AND created_at < $3), \
      (SELECT count(*) FROM users u WHERE u.created_at >= $4 AND u.created_at < $3 \
         AND EXISTS (SELECT 1 FROM subscriptions s WHERE s.user_id = u.id AND s.paid_at < $3)), \
      (SELECT count(*) FROM users WHERE created_at >= $5 AND created_at < $6), \
      (SELECT count(*) FROM users u WHERE u.created_at >= $5 AND u.created_at < $6 \
         AND EXISTS (SELECT 1 FROM user_activity a WHERE a.user_id = u.id AND a.day >= $7 AND a.day <= $1)), \
      $9 \
    WHERE TRUE \
    ON CONFLICT (day) DO UPDATE SET users_total = excluded.users_total, posts_total = excluded.posts_total, \
      comments_total = excluded.comments_total, signups = excluded.signups, new_posts = excluded.new_posts, \
      new_comments = excluded.new_comments, daily_active = excluded.daily_active, \
      monthly_active = excluded.monthly_active, recent_signups = excluded.recent_signups, \
      recent_paid = excluded.recent_paid, retention_cohort = excluded.retention_cohort, \
      retention_kept = excluded.retention_kept, computed_at = excluded.computed_at";

/// Counts the day as it is at `now`.
pub async fn aggregate(writer: &Writer, day: Day, now: Timestamp) -> Result<(), sqlx::Error> {
    let first_that_says_so = day.plus(1 - STAYED_WITHIN);
    let youngest = first_that_says_so.plus(-STAYED_AFTER);
    each_engine!(writer, pool => sqlx::query(COUNT)
        .bind(day)
        .bind(day.start())
        .bind(day.plus(1).start())
        .bind(day.plus(-29).start())
        .bind(youngest.plus(-29).start())
        .bind(youngest.plus(1).start())
        .bind(first_that_says_so)
        .bind(day.plus(-30))
        .bind(now)
        .execute(pool)
        .await
        .map(drop))
}

/// Counts every few minutes, until `stop` says so; the traffic of this process is added then, and a last time at the end.
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
            false => count(&state, Timestamp::now()).await,
        };
        if let Err(error) = done {
            let error = error.to_string();
            tracing::warn!(error, "the figures of the day are counted later");
        }
        if stopping {
            return;
        }
    }
}

async fn count(state: &AppState, now: Timestamp) -> Result<(), ApiError> {
    traffic_rows::add(state).await?;
    let today = Day::of(now);
    if let Ok(writer) = state.database.write() {
        for day in uncounted(&state.database, today).await? {
            aggregate(&writer, day, now).await?;
        }
    }
    let reader = state.database.read_in_any_mode()?;
    let figures = counted::between(&reader, today, today).await?;
    if let Some(figures) = figures.first() {
        gauges::show(figures);
    }
    disk::measure(&reader).await?;
    Ok(())
}

/// From the last day that was counted, which may have gone on after that, to today.
async fn uncounted(database: &Database, today: Day) -> Result<Vec<Day>, ApiError> {
    let reader = database.read_in_any_mode()?;
    let last = counted::last(&reader).await?.unwrap_or(today);
    let behind = today.since(last).clamp(0, CATCH_UP);
    Ok((0..=behind).rev().map(|back| today.plus(-back)).collect())
}
