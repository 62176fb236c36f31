//! A moment, in UTC. `timestamptz` on PostgreSQL; on SQLite RFC 3339 text with milliseconds and `Z`, whose order is the order
//! of time. Clients see whole seconds.

use serde::{Serialize, Serializer};
use sqlx::encode::IsNull;
use sqlx::error::BoxDynError;
use sqlx::{Decode, Encode, Postgres, Sqlite, Type};
use time::OffsetDateTime;
use time::format_description::BorrowedFormatItem;
use time::format_description::well_known::Rfc3339;
use time::macros::format_description;

const SECONDS: &[BorrowedFormatItem<'_>] =
    format_description!("[year]-[month]-[day]T[hour]:[minute]:[second]Z");
const MILLISECONDS: &[BorrowedFormatItem<'_>] =
    format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:3]Z");

/// A moment as the database keeps it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Timestamp(OffsetDateTime);

impl Timestamp {
    pub fn now() -> Self {
        Self(OffsetDateTime::now_utc())
    }

    pub(super) fn at(moment: OffsetDateTime) -> Self {
        Self(moment)
    }

    pub(super) fn moment(self) -> OffsetDateTime {
        self.0
    }

    /// Microseconds since 1970, as fine as PostgreSQL keeps them.
    pub fn microseconds(self) -> i64 {
        i64::try_from(self.0.unix_timestamp_nanos() / 1000).unwrap_or(i64::MAX)
    }

    /// None when it lies outside the years that can be written.
    pub fn from_microseconds(microseconds: i64) -> Option<Self> {
        OffsetDateTime::from_unix_timestamp_nanos(i128::from(microseconds) * 1000)
            .ok()
            .map(Self)
    }

    /// The first whole second since 1970 that is not before this moment.
    pub fn seconds_rounded_up(self) -> i64 {
        self.0.unix_timestamp() + i64::from(self.0.nanosecond() > 0)
    }

    /// This much later.
    pub fn plus(self, duration: std::time::Duration) -> Self {
        Self(
            self.0
                .saturating_add(time::Duration::try_from(duration).unwrap_or(time::Duration::MAX)),
        )
    }

    /// This much earlier.
    pub fn minus(self, duration: std::time::Duration) -> Self {
        Self(
            self.0
                .saturating_sub(time::Duration::try_from(duration).unwrap_or(time::Duration::MAX)),
        )
    }

    /// RFC 3339 with milliseconds and `Z`.
    pub fn with_milliseconds(self) -> String {
        // Writing a UTC time in a fixed format cannot fail.
        self.0.format(MILLISECONDS).unwrap_or_default()
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let text = self.0.format(SECONDS).map_err(serde::ser::Error::custom)?;
        serializer.serialize_str(&text)
    }
}

impl utoipa::PartialSchema for Timestamp {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
        crate::http::openapi::text_schema("date-time")
    }
}

impl utoipa::ToSchema for Timestamp {}

impl Type<Postgres> for Timestamp {
    fn type_info() -> sqlx::postgres::PgTypeInfo {
        <OffsetDateTime as Type<Postgres>>::type_info()
    }
}

impl Encode<'_, Postgres> for Timestamp {
    fn encode_by_ref(
        &self,
        buffer: &mut sqlx::postgres::PgArgumentBuffer,
    ) -> Result<IsNull, BoxDynError> {
        <OffsetDateTime as Encode<Postgres>>::encode_by_ref(&self.0, buffer)
    }
}

impl Decode<'_, Postgres> for Timestamp {
    fn decode(value: sqlx::postgres::PgValueRef<'_>) -> Result<Self, BoxDynError> {
        let moment = <OffsetDateTime as Decode<Postgres>>::decode(value)?;
        Ok(Self(moment.to_offset(time::UtcOffset::UTC)))
    }
}

impl Type<Sqlite> for Timestamp {
    fn type_info() -> sqlx::sqlite::SqliteTypeInfo {
        <String as Type<Sqlite>>::type_info()
    }
}

impl Encode<'_, Sqlite> for Timestamp {
    fn encode_by_ref(
        &self,
        buffer: &mut <Sqlite as sqlx::Database>::ArgumentBuffer,
    ) -> Result<IsNull, BoxDynError> {
        Encode::<Sqlite>::encode(self.with_milliseconds(), buffer)
    }
}

impl Decode<'_, Sqlite> for Timestamp {
    fn decode(value: sqlx::sqlite::SqliteValueRef<'_>) -> Result<Self, BoxDynError> {
        let text = <String as Decode<Sqlite>>::decode(value)?;
        Ok(Self(
            OffsetDateTime::parse(&text, &Rfc3339)?.to_offset(time::UtcOffset::UTC),
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clients_see_whole_seconds_in_utc() {
        let moment = Timestamp::from_microseconds(1_705_314_600_999_999).unwrap();
        assert_eq!(
            serde_json::to_string(&moment).unwrap(),
            "\"2024-01-15T10:30:00Z\""
        );
        assert_eq!(moment.with_milliseconds(), "2024-01-15T10:30:00.999Z");
        assert_eq!(moment.seconds_rounded_up(), 1_705_314_601);
    }
}
