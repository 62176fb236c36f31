//! Keys, one type a resource, so that a post's key never stands where a user's belongs. `uuid` on PostgreSQL, text in lower
//! case on SQLite.

use std::fmt;

use sqlx::encode::IsNull;
use sqlx::error::BoxDynError;
use sqlx::{Decode, Encode, Postgres, Sqlite, Type};
use uuid::Uuid;
use uuid::fmt::Hyphenated;

/// Text that is no UUID in its 36-character form.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a UUID")]
pub struct MalformedId;

/// The 36-character form only: braces, URNs and bare hex digits are other spellings of the same key, and one spelling is enough.
fn parse(text: &str) -> Result<Uuid, MalformedId> {
    if text.len() != Hyphenated::LENGTH {
        return Err(MalformedId);
    }
    Uuid::try_parse(text).map_err(|_| MalformedId)
}

macro_rules! id {
    ($name:ident, $of:literal) => {
        #[doc = concat!("Key of ", $of, ".")]
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
        pub struct $name(pub Uuid);

        impl std::str::FromStr for $name {
            type Err = MalformedId;

            fn from_str(text: &str) -> Result<Self, MalformedId> {
                parse(text).map(Self)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(out)
            }
        }

        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
                crate::http::openapi::text_schema("uuid")
            }
        }

        impl utoipa::ToSchema for $name {}

        impl Type<Postgres> for $name {
            fn type_info() -> sqlx::postgres::PgTypeInfo {
                <Uuid as Type<Postgres>>::type_info()
            }
        }

        impl Encode<'_, Postgres> for $name {
            fn encode_by_ref(
                &self,
                buffer: &mut sqlx::postgres::PgArgumentBuffer,
            ) -> Result<IsNull, BoxDynError> {
                <Uuid as Encode<Postgres>>::encode_by_ref(&self.0, buffer)
            }
        }

        impl Decode<'_, Postgres> for $name {
            fn decode(value: sqlx::postgres::PgValueRef<'_>) -> Result<Self, BoxDynError> {
                <Uuid as Decode<Postgres>>::decode(value).map(Self)
            }
        }

        impl Type<Sqlite> for $name {
            fn type_info() -> sqlx::sqlite::SqliteTypeInfo {
                <Hyphenated as Type<Sqlite>>::type_info()
            }
        }

        impl Encode<'_, Sqlite> for $name {
            fn encode_by_ref(
                &self,
                buffer: &mut <Sqlite as sqlx::Database>::ArgumentBuffer,
            ) -> Result<IsNull, BoxDynError> {
                Encode::<Sqlite>::encode(self.0.hyphenated(), buffer)
            }
        }

        impl Decode<'_, Sqlite> for $name {
            fn decode(value: sqlx::sqlite::SqliteValueRef<'_>) -> Result<Self, BoxDynError> {
                <Hyphenated as Decode<Sqlite>>::decode(value).map(|id| Self(id.into_uuid()))
            }
        }
    };
}

// What `database_identity` names: never a row of a resource.
id!(DatabaseId, "a database instance or lineage");
id!(UserId, "a user");
id!(PostId, "a post");
id!(CommentId, "a comment");
id!(ReportId, "a daily report");
id!(SessionId, "a log-in that lasts");
id!(EventId, "an event");
id!(EntityId, "whatever an event is about");
id!(DeliveryId, "what one subscriber was told");
id!(JobId, "a due time of a job");
id!(EntryId, "a line of the audit log");
// Made anew for each claim: tells who holds a row from who held it before.
id!(LeaseId, "a claim");

impl LeaseId {
    pub fn new() -> Self {
        Self(Uuid::new_v4())
    }
}

impl Default for LeaseId {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_hyphenated_form_is_a_key() {
        let text = "550e8400-e29b-41d4-a716-446655440000";
        assert!(text.parse::<UserId>().is_ok());
        assert!(text.to_uppercase().parse::<UserId>().is_ok());
        for other in [
            "",
            "1",
            "550e8400e29b41d4a716446655440000",
            "{550e8400-e29b-41d4-a716-446655440000}",
            "urn:uuid:550e8400-e29b-41d4-a716-446655440000",
            "550e8400-e29b-41d4-a716-44665544000g",
            "ééé8400-e29b-41d4-a716-446655440000",
        ] {
            assert_eq!(other.parse::<UserId>(), Err(MalformedId), "{other}");
        }
    }
}
