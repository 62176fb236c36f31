//! What was counted of a day, and the rates that follow from it.

use crate::database::{Day, Reader, each_engine};

const BETWEEN: &str = "SELECT day, users_total, posts_total, comments_total, signups, new_posts, new_comments, \
      daily_active, monthly_active, recent_signups, recent_paid, retention_cohort, retention_kept \
    FROM daily_metrics WHERE day >= $1 AND day <= $2 ORDER BY day";
const LAST: &str = "SELECT max(day) FROM daily_metrics";

/// The counts of one day. Totals are as of its end.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct DayFigures {
    pub day: Day,
    pub users_total: i64,
    pub posts_total: i64,
    pub comments_total: i64,
    pub signups: i64,
    pub new_posts: i64,
    pub new_comments: i64,
    pub daily_active: i64,
    /// Active on at least one of the 30 days up to this one.
    pub monthly_active: i64,
    pub recent_signups: i64,
    pub recent_paid: i64,
    pub retention_cohort: i64,
    pub retention_kept: i64,
}

impl DayFigures {
    /// Of the accounts made in the 30 days up to this one, those that had paid by its end.
    pub fn conversion(&self) -> Rate {
        Rate {
            part: self.recent_paid,
            whole: self.recent_signups,
        }
    }

    /// Of the accounts made 37 to 66 days before, those that were here in the last seven days: each at least 30 days after it
    /// was made.
    pub fn retention(&self) -> Rate {
        Rate {
            part: self.retention_kept,
            whole: self.retention_cohort,
        }
    }
}

/// A part of a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    pub part: i64,
    pub whole: i64,
}

impl Rate {
    /// From 0 to 1; None where there is nothing to take a part of.
    pub fn ratio(self) -> Option<f64> {
        // Counts of people are far below where a float loses units.
        #[expect(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
        (self.whole > 0).then(|| self.part as f64 / self.whole as f64)
    }
}

/// Of each day that was counted, in order, both ends included.
pub async fn between(reader: &Reader, from: Day, to: Day) -> Result<Vec<DayFigures>, sqlx::Error> {
    each_engine!(reader, pool => sqlx::query_as(BETWEEN).bind(from).bind(to).fetch_all(pool).await)
}

/// The last day that was counted.
pub(super) async fn last(reader: &Reader) -> Result<Option<Day>, sqlx::Error> {
    each_engine!(reader, pool => sqlx::query_scalar(LAST).fetch_one(pool).await)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_of_nothing_is_no_rate() {
        assert_eq!(Rate { part: 0, whole: 0 }.ratio(), None);
        assert_eq!(Rate { part: 1, whole: 4 }.ratio(), Some(0.25));
    }
}
