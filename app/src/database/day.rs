//! A day, in UTC. `date` on PostgreSQL; on SQLite text whose order is the order of time.

use std::fmt;

use serde::{Serialize, Serializer};
use sqlx::encode::IsNull;
use sqlx::error::BoxDynError;
use sqlx::{Decode, Encode, Postgres, Sqlite, Type};
use time::format_description::BorrowedFormatItem;
use time::macros::format_description;
use time::{Date, Duration, OffsetDateTime, Time};

use super::Timestamp;

const FORM: &[BorrowedFormatItem<'_>] = format_description!("[year]-[month]-[day]");

/// A day as the database keeps it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(Date);

impl Day {
    pub fn today() -> Self {
        Self(OffsetDateTime::now_utc().date())
    }

    pub fn of(moment: Timestamp) -> Self {
        Self(moment.moment().date())
    }

    /// The calendar's own value, for words like the name of the month.
    pub fn date(self) -> Date {
        self.0
    }

    /// So many days later, or earlier where it is negative.
    pub fn plus(self, days: i64) -> Self {
        Self(self.0.saturating_add(Duration::days(days)))
    }

    /// Days from `earlier` to this one.
    pub fn since(self, earlier: Self) -> i64 {
        (self.0 - earlier.0).whole_days()
    }

    /// Its first moment.
    pub fn start(self) -> Timestamp {
        Timestamp::at(self.0.with_time(Time::MIDNIGHT).assume_utc())
    }
}

impl fmt::Display for Day {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Writing a date in a fixed format cannot fail.
        out.write_str(&self.0.format(FORM).unwrap_or_default())
    }
}

impl Serialize for Day {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl utoipa::PartialSchema for Day {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
        crate::http::openapi::text_schema("date")
    }
}

impl utoipa::ToSchema for Day {}

impl Type<Postgres> for Day {
    fn type_info() -> sqlx::postgres::PgTypeInfo {
        <Date as Type<Postgres>>::type_info()
    }
}

impl Encode<'_, Postgres> for Day {
    fn encode_by_ref(
        &self,
        buffer: &mut sqlx::postgres::PgArgumentBuffer,
    ) -> Result<IsNull, BoxDynError> {
        <Date as Encode<Postgres>>::encode_by_ref(&self.0, buffer)
    }
}

impl Decode<'_, Postgres> for Day {
    fn decode(value: sqlx::postgres::PgValueRef<'_>) -> Result<Self, BoxDynError> {
        <Date as Decode<Postgres>>::decode(value).map(Self)
    }
}

impl Type<Sqlite> for Day {
    fn type_info() -> sqlx::sqlite::SqliteTypeInfo {
        <String as Type<Sqlite>>::type_info()
    }
}

impl Encode<'_, Sqlite> for Day {
    fn encode_by_ref(
        &self,
        buffer: &mut <Sqlite as sqlx::Database>::ArgumentBuffer,
    ) -> Result<IsNull, BoxDynError> {
        Encode::<Sqlite>::encode(self.to_string(), buffer)
    }
}

impl Decode<'_, Sqlite> for Day {
    fn decode(value: sqlx::sqlite::SqliteValueRef<'_>) -> Result<Self, BoxDynError> {
        let text = <String as Decode<Sqlite>>::decode(value)?;
        Ok(Self(Date::parse(&text, FORM)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_begins_at_midnight_in_utc() {
        let moment = Timestamp::from_microseconds(1_705_314_600_000_000).unwrap();
        let day = Day::of(moment);
        assert_eq!(day.to_string(), "2024-01-15");
        assert_eq!(day.start().with_milliseconds(), "2024-01-15T00:00:00.000Z");
        assert_eq!(day.plus(-15).to_string(), "2023-12-31");
        assert_eq!(day.since(day.plus(-15)), 15);
    }
}
