//! Counts a day. Counting one again gives the same and harms nothing, so any process may do it at any time.

use std::time::Duration;

use async_trait::async_trait;

use super::{counted, gauges};
use crate::database::{Database, Day, Timestamp, Writer, each_engine};
use crate::http::ApiError;
use crate::jobs::{CatchUp, Due, Job, Schedule};

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

/// The job that counts the day that runs, and the days on which nobody counted.
pub struct Counting {
    pub database: Database,
}

#[async_trait]
impl Job for Counting {
    fn kind(&self) -> &'static str {
        "count-figures"
    }

    fn schedule(&self) -> Schedule {
        Schedule {
            every: Duration::from_mins(10),
            at: Duration::ZERO,
            catch_up: CatchUp::Latest,
        }
    }

    async fn run(&self, due: Due) -> Result<(), ApiError> {
        let today = Day::of(due.now);
        for day in uncounted(&self.database, today).await? {
            aggregate(&self.database.write()?, day, due.now).await?;
        }
        gauges::of(&self.database, today).await
    }
}

/// From the last day that was counted, which may have gone on after that, to today.
async fn uncounted(database: &Database, today: Day) -> Result<Vec<Day>, ApiError> {
    let reader = database.read_in_any_mode()?;
    let last = counted::last(&reader).await?.unwrap_or(today);
    let behind = today.since(last).clamp(0, CATCH_UP);
    Ok((0..=behind).rev().map(|back| today.plus(-back)).collect())
}
