//! How the queue stands, for whoever looks at the service. Counts up to a bound: nobody reads the difference between many and more.

use crate::database::{Reader, Timestamp, each_engine};

const MOST: i64 = 1000;
const STANDING: &str = "SELECT \
      (SELECT count(*) FROM (SELECT 1 FROM jobs WHERE state = 'pending' LIMIT $1) AS p) AS waiting, \
      (SELECT count(*) FROM (SELECT 1 FROM jobs WHERE state = 'dead' LIMIT $1) AS x) AS given_up, \
      (SELECT min(due_at) FROM jobs WHERE state = 'pending') AS since";

/// What is not done.
#[derive(Debug, sqlx::FromRow)]
pub struct Standing {
    /// Those in hand included.
    pub waiting: i64,
    pub given_up: i64,
    /// Since when the first of those that wait could have been tried; later than now where each is in hand or put off.
    pub since: Option<Timestamp>,
}

pub async fn standing(reader: &Reader) -> Result<Standing, sqlx::Error> {
    each_engine!(reader, pool => sqlx::query_as(STANDING).bind(MOST).fetch_one(pool).await)
}
