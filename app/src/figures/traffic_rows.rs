//! The traffic of a day as all processes together counted it.

use std::collections::BTreeMap;

use super::Rate;
use super::traffic::Counted;
use crate::database::{Actor, Day, Reader, Work, each_engine, in_work};
use crate::http::AppState;

const ADD: &str = "INSERT INTO daily_traffic (day, up_to_ms, requests, failures) VALUES ($1, $2, $3, $4) \
    ON CONFLICT (day, up_to_ms) DO UPDATE SET requests = daily_traffic.requests + excluded.requests, \
      failures = daily_traffic.failures + excluded.failures";
const BETWEEN: &str = "SELECT day, up_to_ms, requests, failures FROM daily_traffic \
    WHERE day >= $1 AND day <= $2 ORDER BY day, up_to_ms";

/// Adds what this process counted. While nothing can be written, it stays counted.
pub async fn add(state: &AppState) -> Result<(), sqlx::Error> {
    let Ok(writer) = state.database.write() else {
        return Ok(());
    };
    let counted = state.traffic.take();
    if counted.is_empty() {
        return Ok(());
    }
    let added = async {
        let mut work = Work::begin(&writer, Actor::default()).await?;
        for one in &counted {
            add_one(&mut work, Day::today(), one).await?;
        }
        work.commit().await
    };
    added
        .await
        .inspect_err(|_| state.traffic.put_back(&counted))
}

async fn add_one(work: &mut Work<'_>, day: Day, one: &Counted) -> Result<(), sqlx::Error> {
    let number = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
    in_work!(work, connection => sqlx::query(ADD)
        .bind(day)
        .bind(i32::try_from(one.up_to_ms).unwrap_or(i32::MAX))
        .bind(number(one.requests))
        .bind(number(one.failures))
        .execute(connection)
        .await
        .map(drop))
}

/// How the requests of a day went.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DayTraffic {
    /// Requests and failures by the most milliseconds they took, in that order.
    buckets: Vec<(i32, i64, i64)>,
}

impl DayTraffic {
    pub fn new(buckets: Vec<(i32, i64, i64)>) -> Self {
        Self { buckets }
    }

    pub fn requests(&self) -> i64 {
        self.buckets.iter().map(|(_, requests, _)| requests).sum()
    }

    /// Of all requests, those that failed on our side.
    pub fn failed(&self) -> Rate {
        Rate {
            part: self.buckets.iter().map(|(_, _, failures)| failures).sum(),
            whole: self.requests(),
        }
    }

    /// Milliseconds within which `percent` of the requests were answered, taken to be spread evenly within a bucket. None
    /// where there was no request.
    #[expect(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
    pub fn within(&self, percent: u8) -> Option<f64> {
        let wanted = self.requests() as f64 * f64::from(percent) / 100.0;
        let (mut before, mut low) = (0.0, 0.0);
        for (up_to_ms, requests, _) in &self.buckets {
            let (here, high) = (*requests as f64, f64::from(*up_to_ms));
            if here > 0.0 && before + here >= wanted {
                return Some(low + (high - low) * (wanted - before) / here);
            }
            before += here;
            low = high;
        }
        None
    }
}

/// Of each day on which there was traffic, both ends included.
pub async fn traffic_between(
    reader: &Reader,
    from: Day,
    to: Day,
) -> Result<BTreeMap<Day, DayTraffic>, sqlx::Error> {
    let rows: Vec<(Day, i32, i64, i64)> = each_engine!(reader, pool => sqlx::query_as(BETWEEN)
        .bind(from)
        .bind(to)
        .fetch_all(pool)
        .await)?;
    let mut days: BTreeMap<Day, DayTraffic> = BTreeMap::new();
    for (day, up_to_ms, requests, failures) in rows {
        let buckets = &mut days.entry(day).or_default().buckets;
        buckets.push((up_to_ms, requests, failures));
    }
    Ok(days)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quantile_lies_within_its_bucket() {
        let traffic = DayTraffic::new(vec![(5, 50, 0), (10, 45, 1), (100, 5, 4)]);
        assert_eq!(traffic.requests(), 100);
        assert_eq!(
            traffic.failed(),
            Rate {
                part: 5,
                whole: 100
            }
        );
        assert_eq!(traffic.within(50), Some(5.0));
        assert_eq!(traffic.within(95), Some(10.0));
        assert_eq!(traffic.within(99), Some(82.0));
        assert_eq!(DayTraffic::default().within(99), None);
    }
}
