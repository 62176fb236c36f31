//! Reads what a database says about itself, and decides whether this process may use it. A copy, a fenced-off old primary and
//! a stale connection string all look like the real thing from outside; only the row in `database_identity` tells.

use std::fmt;

use uuid::Uuid;

use super::engine::EngineAccess;
use super::ids::DatabaseId;
use super::{Access, DatabaseError, Timestamp};

/// What a database is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DatabaseRole {
    Primary,
    /// A restored copy that nobody has put into service.
    Scratch,
    /// The primary of before, kept after a cut-over.
    Superseded,
}

impl fmt::Display for DatabaseRole {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Primary => "the primary",
            Self::Scratch => "a scratch copy",
            Self::Superseded => "superseded",
        })
    }
}

/// Whether jobs and events may leave this database. After a restore they are held, so that nobody is mailed twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effects {
    Flowing,
    Held,
}

/// The row in `database_identity`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Identity {
    pub instance_id: Uuid,
    pub lineage_id: Uuid,
    pub role: DatabaseRole,
    pub effects: Effects,
    /// Tokens issued before are refused.
    pub sessions_valid_after: Option<Timestamp>,
}

#[derive(sqlx::FromRow)]
struct Row {
    instance_id: DatabaseId,
    lineage_id: DatabaseId,
    role: String,
    effects: String,
    sessions_valid_after: Option<Timestamp>,
}

const SELECT: &str = "SELECT instance_id, lineage_id, role, effects, sessions_valid_after FROM database_identity WHERE id = 1";

impl Identity {
    /// None when nobody has said yet what this database is.
    pub(super) async fn read(engine: EngineAccess<'_>) -> Result<Option<Self>, sqlx::Error> {
        let row: Option<Row> = match engine {
            EngineAccess::Sqlite(pool) => sqlx::query_as(SELECT).fetch_optional(pool).await?,
            EngineAccess::Postgres(pool) => sqlx::query_as(SELECT).fetch_optional(pool).await?,
        };
        Ok(row.map(|row| Self {
            instance_id: row.instance_id.0,
            lineage_id: row.lineage_id.0,
            role: match row.role.as_str() {
                "primary" => DatabaseRole::Primary,
                "scratch" => DatabaseRole::Scratch,
                _ => DatabaseRole::Superseded,
            },
            effects: if row.effects == "flowing" {
                Effects::Flowing
            } else {
                Effects::Held
            },
            sessions_valid_after: row.sessions_valid_after,
        }))
    }

    /// Whether a process with this access may use the database, and whether it is the one that was meant.
    pub(super) fn admit(
        self,
        access: Access,
        expected_lineage: Option<Uuid>,
    ) -> Result<Self, DatabaseError> {
        match (self.role, access) {
            (DatabaseRole::Primary, _) | (DatabaseRole::Scratch, Access::ReadOnly) => {}
            (role, _) => return Err(DatabaseError::NotPrimary { role }),
        }
        match expected_lineage {
            Some(expected) if expected != self.lineage_id => Err(DatabaseError::OtherLineage {
                found: self.lineage_id,
                expected,
            }),
            _ => Ok(self),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn identity(role: DatabaseRole) -> Identity {
        Identity {
            instance_id: Uuid::from_u128(1),
            lineage_id: Uuid::from_u128(2),
            role,
            effects: Effects::Flowing,
            sessions_valid_after: None,
        }
    }

    #[test]
    fn only_the_primary_is_served_and_only_the_probe_sees_a_scratch_copy() {
        use Access::{ReadOnly, ReadWrite};
        for (role, access, admitted) in [
            (DatabaseRole::Primary, ReadWrite, true),
            (DatabaseRole::Primary, ReadOnly, true),
            (DatabaseRole::Scratch, ReadWrite, false),
            (DatabaseRole::Scratch, ReadOnly, true),
            (DatabaseRole::Superseded, ReadWrite, false),
            (DatabaseRole::Superseded, ReadOnly, false),
        ] {
            let verdict = identity(role).admit(access, None);
            assert_eq!(verdict.is_ok(), admitted, "{role:?} {access:?}");
        }
    }

    #[test]
    fn another_lineage_than_the_descriptor_names_is_refused() {
        let primary = identity(DatabaseRole::Primary);
        assert!(
            primary
                .admit(Access::ReadWrite, Some(Uuid::from_u128(2)))
                .is_ok()
        );
        assert!(
            primary
                .admit(Access::ReadWrite, Some(Uuid::from_u128(3)))
                .is_err()
        );
    }
}
