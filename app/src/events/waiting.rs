//! How much is on its way, for whoever looks at the service. Counts up to a bound: nobody reads the difference between many and
//! more, and a count of everything would cost what a full outbox needs itself.

use crate::database::{Reader, Timestamp, each_engine};

const MOST: i64 = 10_000;
const WAITING: &str = "SELECT \
      (SELECT count(*) FROM (SELECT 1 FROM outbox WHERE published_at IS NULL LIMIT $1) AS o) \
        + (SELECT count(*) FROM (SELECT 1 FROM deliveries WHERE state = 'pending' LIMIT $1) AS d) AS on_their_way, \
      (SELECT count(*) FROM (SELECT 1 FROM deliveries WHERE state = 'dead' LIMIT $1) AS x) AS given_up, \
      (SELECT min(occurred_at) FROM outbox WHERE published_at IS NULL) AS since";

/// What nobody has acted on yet.
#[derive(Debug, sqlx::FromRow)]
pub struct Waiting {
    /// Events that were not published, and deliveries that were not made.
    pub on_their_way: i64,
    /// Dead letters.
    pub given_up: i64,
    /// When the oldest unpublished event happened.
    pub since: Option<Timestamp>,
}

pub async fn waiting(reader: &Reader) -> Result<Waiting, sqlx::Error> {
    each_engine!(reader, pool => sqlx::query_as(WAITING).bind(MOST).fetch_one(pool).await)
}
